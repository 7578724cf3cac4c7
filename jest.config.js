import { availableParallelism } from 'node:os';
import { bundledDependencies } from './test/support/bundled-dependencies.js';

const LONG =
  '/(accessibility|broker-outage|consumers-killed|dockerfile|fresh-clone|keyboard|large-migration|large-suppressions|soak)\\.spec';

// Tests run from the sources: the packages' own condition `@score-crm/source` leads there.
export default {
  // More than there are cores: tests wait for databases and time limits as much as they compute. With 1.5 to a core, a quarter of
  // the processors' time was unused.
  maxWorkers: availableParallelism() * 2,
  // What a file has loaded stays in the memory of its worker.
  workerIdleMemoryLimit: '1GB',
  moduleNameMapper: await bundledDependencies(import.meta.dirname),
  testSequencer: '<rootDir>/test/support/sequencer.js',
  testEnvironment: '<rootDir>/test/support/environment.js',
  testEnvironmentOptions: {
    customExportConditions: ['@score-crm/source', 'node', 'node-addons'],
    // The matchers of @jest/globals are still read when a file has ended, and Jest would warn about it.
    globalsCleanup: 'off',
  },
  // A machine that is busy otherwise is slow, not broken: no test is about time.
  testTimeout: 180_000,
  extensionsToTreatAsEsm: ['.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/(libs|examples)/.*/dist'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // The summary comes last.
  reporters: ['<rootDir>/test/support/contract-reporter.js', 'default'],
  testMatch: ['<rootDir>/test/**/*.spec.ts', '<rootDir>/libs/*/test/**/*.spec.ts'],
  // They take minutes: `npm run test:long` runs them.
  testPathIgnorePatterns: ['/node_modules/', ...(process.env.TEST_LONG === '1' ? [] : [LONG])],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        // Inline, it is two thirds of what every test file reads and compiles again.
        sourceMaps: true,
        module: { type: 'es6' },
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
      },
    ],
  },
};
