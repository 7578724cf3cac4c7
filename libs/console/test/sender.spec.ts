import { describe, expect, it } from '@jest/globals';
import { faultsOf, NO_SENDER, type SenderConnection, withConnection } from '../src/sender/sender.ts';

const first: SenderConnection = {
  id: 'first',
  name: 'First',
  vendor: 'model',
  fromEmail: 'first@example.com',
  fromName: 'First',
  senders: [{ email: 'first@example.com', name: 'First' }],
  enabled: true,
  state: 'ok',
};
const second: SenderConnection = { ...first, id: 'second', fromEmail: 'second@example.com', fromName: null };
const bare: SenderConnection = { ...first, id: 'bare', fromEmail: null, fromName: null };

describe('A sender', () => {
  it('is filled in from the connection that is picked', () => {
    const sender = withConnection(NO_SENDER, undefined, first);
    expect(sender).toEqual({ connectionId: 'first', fromEmail: 'first@example.com', fromName: 'First' });
    expect(withConnection(sender, first, second)).toEqual({
      connectionId: 'second',
      fromEmail: 'second@example.com',
      fromName: '',
    });
  });

  it('keeps what somebody typed', () => {
    const typed = { connectionId: 'first', fromEmail: 'mine@example.com', fromName: 'First' };
    expect(withConnection(typed, first, second)).toEqual({
      connectionId: 'second',
      fromEmail: 'mine@example.com',
      fromName: '',
    });
  });

  it('is not complete without a connection, or through one that has no address of its own', () => {
    expect(Object.keys(faultsOf(NO_SENDER))).toEqual(['connectionId', 'fromEmail']);
    expect(Object.keys(faultsOf(withConnection(NO_SENDER, undefined, bare)))).toEqual(['fromEmail']);
    expect(faultsOf({ connectionId: 'bare', fromEmail: ' mine@example.com ', fromName: '' })).toEqual({});
  });
});
