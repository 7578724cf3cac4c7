import { describe, expect, it } from '@jest/globals';
import { type BounceClass, EVENT_KINDS } from '@score-crm/adapter-kit';
import fc from 'fast-check';
import { messageStates, type StateEvent } from '../src/events/message-state.ts';

const RUNS = process.env['TEST_LONG'] === '1' ? 10_000 : 1_000;
const CLASSES: readonly (BounceClass | null)[] = ['hard', 'soft', 'block', 'policy', 'admin', 'unknown', null];

function event(id: number, kind: StateEvent['kind'], more: Partial<StateEvent> = {}): StateEvent {
  const defaults = { recipient: 'ada@r.example', machine: null, bounceClass: null, occurredAt: new Date(id * 1_000) };
  return { ...defaults, id: String(id), kind, ...more };
}

function stateOf(...events: readonly StateEvent[]): string {
  const [state] = messageStates(events);
  return `${state?.state ?? ''}${state?.bounceClass ? ` ${state.bounceClass}` : ''} ${state?.eventId ?? ''}`;
}

describe('the state of a message', () => {
  it('is the same for 1,000 random orders of arrival', () => {
    const events = fc.array(
      fc.record({
        id: fc.integer({ min: 1, max: 1_000_000 }).map(String),
        kind: fc.constantFrom(...EVENT_KINDS),
        occurredAt: fc.integer({ min: 0, max: 5 }).map((second) => new Date(second * 1_000)),
        recipient: fc.constantFrom('ada@r.example', 'bob@r.example', null),
        machine: fc.constantFrom(true, false, null),
        bounceClass: fc.constantFrom(...CLASSES),
      }),
      { minLength: 1, maxLength: 12 },
    );
    const shuffled = events
      .map((list) => [...new Map(list.map((each) => [each.id, each])).values()])
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(
      fc.property(shuffled, ([inOrder, inAnother]) => {
        expect(messageStates(inAnother)).toEqual(messageStates(inOrder));
      }),
      { numRuns: RUNS },
    );
  });

  it('is not changed by a weaker event that follows', () => {
    const kinds = fc.constantFrom(...EVENT_KINDS);
    fc.assert(
      fc.property(kinds, kinds, (first, second) => {
        const both = stateOf(event(1, first), event(2, second));
        expect([stateOf(event(1, first)), stateOf(event(2, second))]).toContain(both);
        expect(stateOf(event(1, first), event(2, second), event(3, first))).toBe(both);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['a delivery after it was queued and deferred', ['queued', 'deferred', 'delivered'], 'delivered 3'],
    ['a hard bounce after a delivery', ['delivered', 'hard'], 'bounced hard 2'],
    ['a hard bounce that is reported before the delivery', ['hard', 'delivered'], 'bounced hard 1'],
    ['a delivery after a soft bounce', ['soft', 'delivered'], 'delivered 2'],
    ['a delivery before a bounce without a class', ['delivered', null], 'delivered 1'],
    ['a bounce without a class', ['sent', null], 'bounced unknown 2'],
    ['a reader after a bounce', ['opened', 'hard'], 'opened 1'],
    ['a complaint before an unsubscribe', ['complained', 'unsubscribed'], 'complained 1'],
    ['the first of several clicks', ['clicked', 'opened', 'clicked'], 'clicked 1'],
  ] as const)('is that of %s', (_name, kinds, expected) => {
    const events = kinds.map((kind, index) =>
      kind === null || CLASSES.includes(kind as BounceClass)
        ? event(index + 1, 'bounced', { bounceClass: kind as BounceClass | null })
        : event(index + 1, kind as StateEvent['kind']),
    );
    expect(stateOf(...events)).toBe(expected);
  });

  it('is a delivery if only a machine has opened it', () => {
    expect(stateOf(event(1, 'sent'), event(2, 'opened', { machine: true }))).toBe('delivered 2');
    expect(stateOf(event(1, 'opened', { machine: true }), event(2, 'opened', { machine: false }))).toBe('opened 2');
  });

  it('is one for each recipient, those without an address last', () => {
    const events = [
      event(1, 'delivered', { recipient: null }),
      event(2, 'delivered', { recipient: 'bob@r.example' }),
      event(3, 'bounced', { recipient: 'ada@r.example', bounceClass: 'hard' }),
    ];
    expect(messageStates(events)).toEqual([
      { recipient: 'ada@r.example', state: 'bounced', bounceClass: 'hard', since: new Date(3_000), eventId: '3' },
      { recipient: 'bob@r.example', state: 'delivered', bounceClass: null, since: new Date(2_000), eventId: '2' },
      { recipient: null, state: 'delivered', bounceClass: null, since: new Date(1_000), eventId: '1' },
    ]);
  });
});
