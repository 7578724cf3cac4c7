import { feedbackKind } from '../src/index.ts';

describe('feedbackKind', () => {
  it.each([
    ['abuse', 'complained'],
    ['Fraud', 'complained'],
    ['virus', 'complained'],
    ['other', 'complained'],
    ['something-new', 'complained'],
    ['', 'complained'],
    [undefined, 'complained'],
    ['not-spam', 'unknown'],
    [' NOT-SPAM ', 'unknown'],
    ['not_spam', 'unknown'],
    ['Not Spam', 'unknown'],
    ['auth-failure', 'unknown'],
    ['opt-out', 'unsubscribed'],
    ['OPT-OUT-LIST', 'unsubscribed'],
    ['constructor', 'complained'],
  ])('classifies %j as %s', (type, kind) => {
    expect(feedbackKind(type)).toBe(kind);
  });
});
