export { SendgridAdapter } from './sendgrid.adapter.ts';
export { SendgridSettings } from './sendgrid.settings.ts';
