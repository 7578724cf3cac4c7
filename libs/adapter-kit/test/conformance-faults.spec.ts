import { readFileSync } from 'node:fs';
import { type ConformanceCheck, CONFORMANCE_RULES, conformanceChecks } from '@score-crm/adapter-kit/testing';
import { DIAGNOSIS_FAULTS } from './faults/diagnosis-faults.ts';
import { AUTHENTICATION_FAULTS } from './faults/authentication-faults.ts';
import { READING_FAULTS } from './faults/reading-faults.ts';
import { REGISTRATION_FAULTS } from './faults/registration-faults.ts';
import { SENDING_FAULTS } from './faults/sending-faults.ts';
import { SETTINGS_FAULTS } from './faults/settings-faults.ts';
import { SUBJECTS } from './model/subjects.ts';

const FAULTS = [
  ...SETTINGS_FAULTS,
  ...SENDING_FAULTS,
  ...DIAGNOSIS_FAULTS,
  ...READING_FAULTS,
  ...AUTHENTICATION_FAULTS,
  ...REGISTRATION_FAULTS,
];
const RULES = Object.keys(CONFORMANCE_RULES).sort();
// Whether other rules also fail takes all checks for each fault.
const ALL_CHECKS = process.env['TEST_LONG'] === '1';
const LONG_MS = 300_000;

/** The rules with a failing check. */
async function brokenRules(checks: readonly ConformanceCheck[]): Promise<readonly string[]> {
  const broken = new Set<string>();
  for (const { rule, run } of checks) {
    if (!broken.has(rule)) await run().catch(() => broken.add(rule));
  }
  return [...broken].sort();
}

describe('the conformance suite', () => {
  it('has a planted fault for each of its rules', () => {
    expect([...new Set(FAULTS.map(({ rule }) => rule as string))].sort()).toEqual(RULES);
  });

  it('lists each of its rules in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const listed = [...readme.matchAll(/^\| `([a-z-]+)` +\| (.*?) +\|$/gm)].map(([, rule, text]) => [rule, text]);
    expect(listed).toEqual(expect.arrayContaining(Object.entries(CONFORMANCE_RULES)));
  });

  it('applies each of its rules to a complete adapter', () => {
    expect([...new Set(conformanceChecks(SUBJECTS.signature).map(({ rule }) => rule as string))].sort()).toEqual(RULES);
  });

  it.each(FAULTS)(
    'detects, by $rule, an adapter that $what',
    async ({ rule, subject, alongside = [] }) => {
      const checks = conformanceChecks(subject).filter((check) => ALL_CHECKS || check.rule === rule);
      expect(await brokenRules(checks)).toEqual([rule, ...(ALL_CHECKS ? alongside : [])].sort());
    },
    LONG_MS,
  );
});
