export { PostmarkAdapter } from './postmark.adapter.ts';
export { PostmarkSettings } from './postmark.settings.ts';
