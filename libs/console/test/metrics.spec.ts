import { describe, expect, it } from '@jest/globals';
import { metricsOf, percentage } from '../src/connections/overview/metrics.ts';

const ALL = ['delivered', 'bounced', 'opened', 'clicked', 'complained'] as const;

describe('the statistics of a connection', () => {
  it('relate deliveries and bounces to what was sent, and the rest to what was delivered', () => {
    const { main, others } = metricsOf(
      { sent: 1_240, delivered: 1_180, bounced: 12, opened: 540, clicked: 59, complained: 1, deferred: 3 },
      ALL,
    );
    expect(main.map(({ label, count, rate, base }) => [label, count, rate && percentage(rate), base])).toEqual([
      ['Sent', 1_240, undefined, undefined],
      ['Delivered', 1_180, '95.2%', '1,240 sent'],
      ['Bounced', 12, '0.97%', '1,240 sent'],
      ['Opens', 540, '45.8%', '1,180 delivered'],
      ['Clicks', 59, '5%', '1,180 delivered'],
      ['Complaints', 1, '0.08%', '1,180 delivered'],
    ]);
    expect(others).toEqual([{ kind: 'deferred', count: 3 }]);
  });

  it('never show more than 100 % delivered where another system sends with the same account', () => {
    const { main } = metricsOf({ sent: 10, delivered: 90, bounced: 10 }, ALL);
    expect(main.slice(1, 3).map(({ rate, base }) => [rate, base])).toEqual([
      [0.9, '100 with a result'],
      [0.1, '100 with a result'],
    ]);
  });

  it('have no rate without a base', () => {
    expect(metricsOf({ opened: 2 }, ALL).main.map(({ kind, rate }) => [kind, rate])).toEqual(
      ['sent', ...ALL].map((kind) => [kind, undefined]),
    );
  });

  it('show only what the vendor reports', () => {
    expect(metricsOf({ sent: 2, rejected: 1 }, [])).toEqual({
      main: [{ kind: 'sent', label: 'Sent', count: 2 }],
      others: [{ kind: 'rejected', count: 1 }],
    });
  });
});
