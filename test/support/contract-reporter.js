import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Reports which responses that docs/openapi.json declares no test has received, and which of them have no reason in
 * unseen-responses.json, by operation and status or by status alone. A run of only some of the tests is not judged.
 */
export default class ContractReporter {
  constructor(globalConfig) {
    this.globalConfig = globalConfig;
  }

  onRunComplete(_contexts, results) {
    if (!this.isComplete(results)) return;
    const declared = declaredResponses();
    const seen = seenResponses(process.env.TEST_FOLDER);
    const accepted = JSON.parse(readFileSync('test/support/unseen-responses.json', 'utf8'));
    const unseen = declared.filter((response) => !seen.has(response));
    const isAccepted = (response) => response in accepted || response.replace(/^\S+ /, '') in accepted;
    const unexpected = unseen.filter((response) => !isAccepted(response));
    const counts = `${declared.length - unseen.length} of ${declared.length} declared responses were received`;
    // Jest's summary goes there too, so that the order is kept.
    process.stderr.write(`\nContract: ${counts}. Not received: ${unseen.join(', ') || 'none'}.\n`);
    if (unexpected.length > 0) {
      process.stderr.write(
        `Without a reason in test/support/unseen-responses.json: ${unexpected.join(', ')}. Add a test or a reason.\n`,
      );
    }
  }

  /** Whether all tests of the HTTP API ran, and passed. */
  isComplete({ testResults, numFailedTests, numFailedTestSuites, wasInterrupted }) {
    const { testNamePattern, rootDir } = this.globalConfig;
    if (testNamePattern || wasInterrupted || numFailedTests + numFailedTestSuites > 0) return false;
    const run = new Set(testResults.map(({ testFilePath }) => testFilePath));
    const folder = join(rootDir, 'test/http');
    return readdirSync(folder).every((name) => !name.endsWith('.spec.ts') || run.has(join(folder, name)));
  }
}

function declaredResponses() {
  const { paths } = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));
  return Object.values(paths).flatMap((methods) =>
    Object.values(methods).flatMap(({ operationId, responses }) =>
      Object.keys(responses).map((status) => `${operationId} ${status}`),
    ),
  );
}

function seenResponses(folder) {
  const files = readdirSync(folder).filter((name) => name.startsWith('seen-responses-'));
  return new Set(files.flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n')));
}
