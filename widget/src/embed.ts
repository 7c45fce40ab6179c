/** What pages load: the elements, and the share sheet of our own story pages. */

import "./belowline-discussion-element-define.ts";
import { upgradeStoryShare } from "./share.ts";

document.querySelectorAll<HTMLDetailsElement>("details.share").forEach(upgradeStoryShare);
