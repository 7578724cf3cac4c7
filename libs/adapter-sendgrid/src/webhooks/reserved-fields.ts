/**
 * The vendor's own fields of an event. Custom arguments are next to them, on the same level.
 * https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event#event-objects
 */
const FIELDS: ReadonlySet<string> = new Set([
  'asm_group_id',
  'attempt',
  'bounce_classification',
  'category',
  'cert_err',
  'email',
  'event',
  'ip',
  'mc_stats',
  'newsletter',
  'phase_id',
  'pool',
  'post_type',
  'reason',
  'response',
  'send_at',
  'smtp-id',
  'status',
  'template_id',
  'timestamp',
  'tls',
  'type',
  'url',
  'url_offset',
  'useragent',
]);
const FAMILIES = /^(?:sg_|nlvx_|marketing_campaign_|singlesend_)/;

/** Whether an event's field of this name belongs to the vendor and is not a custom argument of the sender. */
export function isReservedField(name: string): boolean {
  return FIELDS.has(name) || FAMILIES.test(name);
}
