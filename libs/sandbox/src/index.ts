export { type Sandboxes, type SandboxesOptions, startSandboxes } from './sandboxes.ts';
