import { MOST_CONTENT_BYTES, MOST_METADATA_BYTES, MOST_RECIPIENTS, MOST_REQUEST_BYTES } from '../assumptions.ts';

// https://developers.sparkpost.com/api/transmissions/#header-request-body
export const LIMITS = {
  /** To, cc and bcc together. */
  recipients: MOST_RECIPIENTS,
  /** Text, HTML, attachments and images. */
  contentBytes: MOST_CONTENT_BYTES,
  requestBytes: MOST_REQUEST_BYTES,
  /** The vendor silently ignores more than this. It also keeps at most 100 different ones at a time. */
  tags: 10,
  metadataBytes: MOST_METADATA_BYTES,
  nameBytes: 255,
  scheduleMs: 3 * 24 * 60 * 60 * 1000,
} as const;
