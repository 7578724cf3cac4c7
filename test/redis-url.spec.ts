import { describe, expect, it } from '@jest/globals';
import { parseRedisUrl } from '../src/config/urls.ts';

describe('REDIS_URL', () => {
  it.each([
    ['redis://cache.internal', { host: 'cache.internal', port: 6379, db: 0, tls: false }],
    ['redis://cache.internal/', { host: 'cache.internal', port: 6379, db: 0, tls: false }],
    ['rediss://:p%40ss@[fd00::1]:6380/3', { host: 'fd00::1', port: 6380, password: 'p@ss', db: 3, tls: true }],
    ['redis://app:p@h/2', { host: 'h', port: 6379, username: 'app', password: 'p', db: 2, tls: false }],
  ])('reads %s', (text, expected) => {
    expect(parseRedisUrl(text)).toEqual(expected);
  });

  it.each([
    'cache.internal:6379',
    'http://cache.internal',
    'redis://',
    'redis:///0',
    'redis://:hunter22@cache.internal/limits',
    'redis://:hunter22@cache.internal/0?enableOfflineQueue=true',
    'redis://:hunter22@cache.internal/0#x',
    'redis://:hunter22%@cache.internal',
    'redis://:hunter22@cache.internal:70000',
  ])('rejects %s without repeating it', (text) => {
    expect(() => parseRedisUrl(text)).toThrow(TypeError);
    expect(() => parseRedisUrl(text)).not.toThrow(/hunter22|cache\.internal/);
  });
});
