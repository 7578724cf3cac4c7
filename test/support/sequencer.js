import TestSequencer from '@jest/test-sequencer';

/** The suites that take longest. Most of their files are small, and Jest would start the largest files first. */
const LONG =
  /\/test\/(?:browser|process)\/|\/(?:conformance|key-rotation|interrupted-migrations|generated-clients)\.spec/;

/** Starts the long suites first, so that no worker has to wait for one at the end. */
export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const rank = ({ path }) => (LONG.test(path) ? 0 : 1);
    // Each half as Jest sorts it: what failed last time first, then by duration or size.
    return super.sort(tests).toSorted((a, b) => rank(a) - rank(b));
  }
}
