export { SparkpostSettings } from './settings/sparkpost.settings.ts';
export { SparkpostAdapter } from './sparkpost.adapter.ts';
