"""Stories from a folder of Markdown files, and the ways they go out: feeds, sitemap, metadata."""
