import { readFileSync } from 'node:fs';

/** Of a process that runs now, in bytes. */
export function residentMemory(pid: number): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1_024;
}
