export { SendgridSettings } from './settings/sendgrid.settings.ts';
export { SendgridAdapter } from './sendgrid.adapter.ts';
