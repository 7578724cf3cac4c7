// What no page of the vendor confirms, or where its pages differ, in one place: if SparkPost turns out to behave otherwise,
// this is the file to change.

/**
 * Of text, HTML, attachments and images together. The vendor says 20 MB and not whether before or after base64: after, which
 * is the stricter reading.
 */
export const MOST_CONTENT_BYTES = 20_000_000;

/** The vendor states no limit, but advises 50 MB for a request, and every recipient carries the whole To line. */
export const MOST_RECIPIENTS = 1_000;
export const MOST_REQUEST_BYTES = 50_000_000;

/**
 * Of all metadata as JSON. The pages say 10 KB and, elsewhere, that opens and clicks carry 1,000 bytes: more would come back
 * with some events and not with others.
 */
export const MOST_METADATA_BYTES = 1_000;

/** `content.reply_to` is one text. That it may list several addresses, as the header may, is not said. */
export const REPLY_TO_SEPARATOR = ', ';

/** A rate limit comes without headers; the vendor's general rule is to wait 1 to 5 seconds. */
export const RATE_LIMIT_WAIT_MS = 5_000;

/** The member of `user_agent_parsed` that marks an open by a mail client's prefetch, such as Apple's. */
export const PREFETCHED = 'is_prefetched';

/** The id that all of the vendor's published sample events bear. */
export const SAMPLE_EVENT_ID = '92356927693813856';

/** What an account that may send has as its `status`. No page lists the others. */
export const ACTIVE_STATUS = 'active';
