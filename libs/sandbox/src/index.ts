export { SandboxViewer } from './sandbox-viewer.ts';
export { type Sandboxes, type SandboxesOptions, startSandboxes } from './sandboxes.ts';
