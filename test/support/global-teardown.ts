import { rmSync } from 'node:fs';

export default async function teardown(): Promise<void> {
  await globalThis.databaseServer?.stop();
  rmSync(process.env['TEST_FOLDER'] ?? '', { recursive: true, force: true });
}
