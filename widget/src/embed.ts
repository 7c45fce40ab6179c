/** What pages load: the elements, and the share sheet of our own story pages. */

import "./belowline-discussion-element-define.ts";
import { upgradeStoryShare } from "./share.ts";
import { keepStaffBar } from "./staff-bar.ts";

document.querySelectorAll<HTMLDetailsElement>("details.share").forEach(upgradeStoryShare);
document.querySelectorAll<HTMLElement>(".staffbar").forEach(keepStaffBar);
