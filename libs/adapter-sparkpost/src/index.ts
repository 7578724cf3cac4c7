export { SparkpostAdapter } from './sparkpost.adapter.ts';
export { SparkpostSettings } from './sparkpost.settings.ts';
