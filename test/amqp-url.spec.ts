import { describe, expect, it } from '@jest/globals';
import { parseAmqpUrl } from '../src/config/urls.ts';

describe('EVENTS_AMQP_URL', () => {
  it.each([
    ['amqp://mq', { protocol: 'amqp', hostname: 'mq', port: 5672, username: 'guest', password: 'guest', vhost: '/' }],
    [
      'amqps://score:hunter%2F22@mq.internal:5673/crm%2Fone',
      {
        protocol: 'amqps',
        hostname: 'mq.internal',
        port: 5673,
        username: 'score',
        password: 'hunter/22',
        vhost: 'crm/one',
      },
    ],
    [
      'amqps://[::1]',
      { protocol: 'amqps', hostname: '::1', port: 5671, username: 'guest', password: 'guest', vhost: '/' },
    ],
  ])('%s', (text, expected) => {
    expect(parseAmqpUrl(text)).toEqual(expected);
  });

  it.each([
    'mq.internal',
    'http://score:hunter22@mq.internal',
    'amqp://score:hunter22@mq.internal/crm?heartbeat=5',
    'amqp://score:hunter22%@mq.internal',
  ])('does not quote what is wrong with %s', (text) => {
    expect(() => parseAmqpUrl(text)).toThrow(TypeError);
    expect(() => parseAmqpUrl(text)).not.toThrow(/hunter22|mq\.internal/);
  });
});
