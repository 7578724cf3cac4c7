export { PostmarkSandbox, startSandbox } from './postmark-sandbox.ts';
