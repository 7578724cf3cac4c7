import type { PointerTable } from '@score-crm/adapter-kit';

// Undocumented behavior of the vendor, or behavior for which its pages differ, in one place: if SparkPost turns out to
// behave differently, change this file.

/**
 * Text, HTML, attachments and images together. The vendor states 20 MB but not whether before or after base64: after is
 * the stricter interpretation.
 */
export const MAX_CONTENT_BYTES = 20_000_000;

/**
 * The vendor states no limit, but recommends at most 50 MB per request, and every recipient includes the complete To
 * line.
 */
export const MAX_RECIPIENTS = 1_000;
export const MAX_REQUEST_BYTES = 50_000_000;

/**
 * All metadata as JSON. The pages state 10 KB and, elsewhere, that opens and clicks include 1,000 bytes: more would be
 * returned with some events only.
 */
export const MAX_METADATA_BYTES = 1_000;

/** `content.reply_to` is one string. Whether it may list several addresses, like the header, is undocumented. */
export const REPLY_TO_SEPARATOR = ', ';

/** A rate limit has no headers; the vendor's general rule is to wait 1 to 5 seconds. */
export const RATE_LIMIT_WAIT_MS = 5_000;

/** The member of `user_agent_parsed` that marks an open by a mail client's prefetch, such as Apple's. */
export const PREFETCHED = 'is_prefetched';

/** The id of all of the vendor's published sample events. */
export const SAMPLE_EVENT_ID = '92356927693813856';

/** The `status` of an account that can send. Other values are undocumented. */
export const ACTIVE_STATUS = 'active';

/** The vendor's names of message members as they appear in its error texts, whose wording is not documented. */
export const POINTERS: PointerTable = [
  [/\baddress\.|\brecipients?\b/i, 'to'],
  [/\bcontent\.from\b/i, 'from'],
  [/\bsubject\b/i, 'subject'],
  [/\breply_to\b/i, 'replyTo'],
  [/\bheaders?\b/i, 'headers'],
  [/\b(?:attachments|inline_images)\b/i, 'attachments'],
  [/\bcontent\.html\b/i, 'html'],
  [/\bcontent\.text\b/i, 'text'],
  [/\bmetadata\b/i, 'metadata'],
  [/\btags\b/i, 'tags'],
  [/\bstart_time\b/i, 'sendAt'],
];
