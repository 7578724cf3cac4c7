import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { type DescribedVendor, fillSettings, labelled } from '../support/connection-form.ts';
import { type ConsoleUnderTest, SENDER, shareConsole, violationsOn } from '../support/console.ts';
import { counted } from '../support/counted.ts';
import { freePort } from '../support/free-port.ts';
import { KeyboardUser } from '../support/keyboard.ts';
import { SendgridWebhook, type VendorEvent, vendorEvent } from '../support/sendgrid-webhook.ts';

const shared = shareConsole();
let console: ConsoleUnderTest;
let page: Page;
beforeAll(() => {
  ({ console, page } = shared);
});

/** The texts of test results, where they are recorded, and the next step after a failure. */
describe('the test of a connection', () => {
  const newConnection = async (name: string): Promise<void> => {
    const vendor: DescribedVendor = (await console.service.call('GET', '/api/v1/vendors/smtp')).body;
    await shared.watched.open('/connections/new?vendor=smtp');
    await labelled(page, 'Name').fill(name);
    await page.getByLabel('From email').fill(SENDER);
    await fillSettings(page, vendor, console.sandboxes.byVendor.get('smtp')?.settings ?? {});
    await page.getByRole('button', { name: 'Test Connection', exact: true }).click();
    await page.getByText('Test passed in ').waitFor();
  };
  const save = async (name: string): Promise<any> => {
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    const { body } = await console.service.call('GET', `/api/v1/connections?search=${encodeURIComponent(name)}`);
    return body.data[0];
  };

  it('is recorded with the connection if it ran with the saved values', async () => {
    await newConnection('Tested before');
    const saved = await save('Tested before');
    expect(saved.lastTest).toMatchObject({ ok: true });
    await page.getByRole('main').getByText('Test passed', { exact: true }).first().waitFor();
    await shared.watched.open('/connections?search=Tested+before');
    const row = page.getByRole('row').filter({ hasText: 'Tested before' });
    await row.getByText('Test passed').waitFor();
    expect(await row.getByText('Never tested').count()).toBe(0);
  });

  it('is not recorded if a value was changed after it', async () => {
    await newConnection('Changed after');
    await labelled(page, 'Password').fill(console.service.secret());
    expect((await save('Changed after')).lastTest).toBeNull();
  });

  it('names host or port for a refused connection, and suggests no retry', async () => {
    const id = await console.connect('smtp', 'Nothing there', { port: await freePort() });
    await shared.watched.open(`/connections/${id}/test`);
    await page.getByRole('button', { name: 'Test without sending' }).click();
    const cause = page.locator('dl').filter({ has: page.locator('dt:text-is("Cause")') });
    await cause.getByText('The host or the port').waitFor();
    await page.getByText('Connection refused', { exact: true }).first().waitFor();
    const main = await page.getByRole('main').innerText();
    expect(main).not.toMatch(/\bRetry\b|later|network/i);
    await page.getByRole('link', { name: 'Fix settings' }).waitFor();
  });

  it('reports that a retry won’t help before a wrong password is fixed', async () => {
    const failing = console.sandboxes.byVendor.get('smtp')?.failures['authentication_failed'];
    const id = await console.connect('smtp', 'Wrong password', failing);
    await shared.watched.open(`/connections/${id}/test`);
    await page.getByRole('button', { name: 'Test without sending' }).click();
    await page.getByText('The username, password or API key').waitFor();
    await page.getByText('Won’t help until this is fixed.').waitFor();
  });

  describe('after a failure', () => {
    it('comes before every other step of the overview', async () => {
      const failing = console.sandboxes.byVendor.get('sparkpost')?.failures['authentication_failed'];
      const id = await console.connect('sparkpost', 'Failing', failing);
      await console.service.call('POST', `/api/v1/connections/${id}/test`);
      await shared.watched.open(`/connections/${id}`);
      const banner = page.getByRole('region', { name: 'Last test failed' });
      await banner.getByText('Authentication failed').waitFor();
      expect(await page.getByText('Set up the webhook').count()).toBe(0);
      await banner.getByRole('link', { name: 'Fix settings' }).click();
      await page.waitForURL(`**/connections/${id}/settings`);
    });

    it.each([
      ['sendgrid', 'SendGrid', 'https://app.sendgrid.com/settings/sender_auth'],
      ['mailgun', 'Mailgun', 'https://app.mailgun.com/mg/sending/domains'],
    ])('with an unverified sender, links to the sender page of %s', async (vendor, name, url) => {
      const failing = console.sandboxes.byVendor.get(vendor)?.failures['sender_not_verified'];
      const id = await console.connect(vendor, 'Not verified', failing);
      const body = { to: ['ada@recipient.example'] };
      const tested = await console.service.call('POST', `/api/v1/connections/${id}/test`, { body });
      expect(tested.body.diagnosis.error.code).toBe('sender_not_verified');
      await shared.watched.open(`/connections/${id}`);
      const link = page.getByRole('link', { name: `Verify sender in ${name}` });
      await link.waitFor();
      expect(await link.getAttribute('href')).toBe(url);
      expect(await page.getByText('Set up the webhook').count()).toBe(0);
    });
  });
});

/** The state of a webhook in the console, and the way to its setup. */
describe('the webhook of a connection', () => {
  const fact = (name: string) =>
    page
      .getByRole('main')
      .locator('dl > div')
      .filter({ has: page.locator(`dt:text-is("${name}")`) });
  const listedState = async (id: string): Promise<unknown> =>
    (await console.service.call('GET', `/api/v1/connections/${id}`)).body.webhook.state;

  it.each(['sparkpost', 'smtpcom'])('is not set up for a new connection of %s', async (vendor) => {
    const id = await console.connect(vendor, 'New');
    await shared.watched.open(`/connections/${id}`);
    const step = page.getByRole('list', { name: 'What to do next' }).getByText('Set up the webhook');
    await step.waitFor();
    await fact('Webhook').getByText('Not set up').waitFor();
    await page.getByRole('link', { name: 'Set up', exact: true }).click();
    await page.getByRole('main').getByText('Not set up', { exact: true }).waitFor();
    expect(await page.getByRole('link', { name: 'Send a test message' }).count()).toBe(0);

    await page.getByRole('button', { name: 'Set up automatically' }).click();
    await page.getByRole('button', { name: /^Remove from/ }).waitFor();
    await page.getByText('Active', { exact: true }).waitFor();
    await page.getByRole('main').getByText('Not set up', { exact: true }).waitFor({ state: 'hidden' });

    const name = vendor === 'sparkpost' ? 'SparkPost' : 'SMTP.com';
    await page.getByText(`Requests logged by ${name}`).click();
    await page.getByText(`${name} lists no requests.`).waitFor();
  });

  it('is not set up immediately after it is removed, on its page, in the list and in the API', async () => {
    const id = await console.connect('sendgrid', 'Removed');
    await console.service.call('POST', `/api/v1/connections/${id}/webhook/registration`);
    const message = { to: [{ email: 'ada@recipient.example' }], subject: 'Hello', text: 'Hello' };
    await console.service.call('POST', `/api/v1/connections/${id}/messages`, { body: message });
    await console.sandboxes.settled();
    await shared.watched.open(`/connections/${id}/webhook`);
    await page.getByText('Receiving events from SendGrid.').waitFor();
    await page.getByRole('button', { name: 'Remove from SendGrid' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('button', { name: 'Set up automatically' }).waitFor();
    await page.getByRole('main').getByText('Not set up', { exact: true }).waitFor();
    expect(await page.getByText('Receiving events from SendGrid.').count()).toBe(0);
    expect(await listedState(id)).toBe('not_set_up');
    await shared.watched.open('/connections?search=Removed');
    const row = page.getByRole('row').filter({ hasText: 'Removed' });
    await row.getByText('Not set up').waitFor();
  });

  it('shows "Last webhook event" only for webhook events', async () => {
    const id = await console.connect('smtp', 'Without webhooks');
    const message = { to: [{ email: 'ada@recipient.example' }], subject: 'Hello', text: 'Hello' };
    await console.service.call('POST', `/api/v1/connections/${id}/messages`, { body: message });
    await shared.watched.open(`/connections/${id}`);
    await page.getByRole('listitem').getByText('ada@recipient.example').waitFor();
    expect(await page.getByText(/last (webhook )?event/i).count()).toBe(0);

    const other = await console.connect('sparkpost', 'With webhooks');
    await console.service.call('POST', `/api/v1/connections/${other}/messages`, { body: message });
    await shared.watched.open(`/connections/${other}`);
    await page.getByRole('listitem').getByText('ada@recipient.example').waitFor();
    await fact('Last webhook event').getByText('None yet').waitFor();
    expect(await fact('Last event').count()).toBe(0);
  });

  it.each(['sendgrid', 'mailgun', 'sparkpost', 'smtpcom'])(
    'requires no webhook key of %s in the form',
    async (vendor) => {
      await shared.watched.open(`/connections/new?vendor=${vendor}`);
      await page.getByText('Leave empty: automatic setup fills it in.').waitFor();
      expect(await page.getByText('no event is accepted').count()).toBe(0);
    },
  );
});

/** How the console shows events, and the rates that it computes from them. */
describe('the events of a connection', () => {
  it('show the server’s reply to deferrals, deliveries and bounces', async () => {
    const hook = await SendgridWebhook.create(console.service);
    const replies = {
      deferred: '421 4.7.0 try again later',
      delivered: '250 2.0.0 OK 1755444165 abc',
      bounce: '550 5.1.1 no such user',
    };
    await hook.post([
      vendorEvent('deferred', { response: replies.deferred, email: 'deferred@recipient.example' }),
      vendorEvent('delivered', { response: replies.delivered, email: 'delivered@recipient.example' }),
      vendorEvent('bounce', { reason: replies.bounce, status: '5.1.1', email: 'bounced@recipient.example' }),
    ]);
    const { data } = (await console.service.call('GET', `/api/v1/connections/${hook.id}/events`)).body;
    expect(Object.fromEntries(data.map((event: any) => [event.kind, event.reply]))).toEqual({
      deferred: replies.deferred,
      delivered: replies.delivered,
      bounced: replies.bounce,
    });

    await shared.watched.open(`/connections/${hook.id}/events`);
    for (const [kind, reply] of Object.entries({ ...replies, bounced: replies.bounce }).filter(
      ([k]) => k !== 'bounce',
    )) {
      await page.getByRole('link', { name: new RegExp(`^${kind}@recipient\\.example`) }).click();
      const details = page.getByRole('dialog', { name: 'Event' });
      const fact = details.locator('dl > div').filter({ has: page.locator('dt:text-is("Server reply")') });
      await fact.getByText(reply, { exact: true }).waitFor();
      await page.keyboard.press('Escape');
      await details.waitFor({ state: 'hidden' });
    }
    await page.getByRole('row').filter({ hasText: 'deferred@' }).getByText(replies.deferred).waitFor();
  });

  it('show long numbers of the raw event with all digits', async () => {
    const hook = await SendgridWebhook.create(console.service);
    const event = JSON.stringify(vendorEvent('delivered', { order: 'ORDER' }));
    await hook.postSigned(`[${event.replace('"ORDER"', '12345678901234567890')}]`);
    await shared.watched.open(`/connections/${hook.id}/events`);
    await page.getByRole('link', { name: /^ada@recipient\.example/ }).click();
    const raw = page.getByRole('region', { name: 'Raw event as JSON' });
    await raw.getByText('"order": 12345678901234567890').waitFor();
  });

  it('show what else happened to the message, in order', async () => {
    const hook = await SendgridWebhook.create(console.service);
    const at = (second: number, event: string, fields: VendorEvent = {}): VendorEvent =>
      vendorEvent(event, { timestamp: 1_755_444_000 + second, sg_message_id: 'one-message.x', ...fields });
    const other = { email: 'bob@recipient.example' };
    await hook.post([at(30, 'open'), at(10, 'processed'), at(25, 'bounce', other)]);
    await hook.post([at(20, 'delivered', { response: '250 2.0.0 OK' })]);
    await shared.watched.open(`/connections/${hook.id}/events`);
    await page.getByRole('link', { name: 'ada@recipient.example, Opened: open' }).click();
    const steps = page.getByRole('region', { name: 'Message timeline' }).getByRole('listitem');
    await steps.first().waitFor();
    const texts = await steps.allTextContents();
    expect(texts.map((text) => /^[A-Z][a-z]+(?=[A-Z])/.exec(text)?.[0])).toEqual(['Queued', 'Delivered', 'Opened']);
    expect(texts[1]).toContain('250 2.0.0 OK');
    expect(await steps.and(page.locator('[aria-current]')).allTextContents()).toEqual([texts[2]]);
  });

  it('are filtered by several types and a time range, and listed oldest first', async () => {
    const hook = await SendgridWebhook.create(console.service);
    for (const event of ['bounce', 'delivered', 'open', 'click']) {
      await hook.post([vendorEvent(event, { email: `${event}@recipient.example` })]);
    }
    const names = () => page.getByRole('link', { name: /@recipient\.example/ }).allTextContents();
    const shows = async (...events: string[]) => {
      const expected = events.map((event) => `${event}@recipient.example`);
      for (let tries = 0; tries < 100 && (await names()).join() !== expected.join(); tries++)
        await page.waitForTimeout(50);
      expect(await names()).toEqual(expected);
    };
    await shared.watched.open(`/connections/${hook.id}/events`);
    await shows('click', 'open', 'delivered', 'bounce');
    await page.getByRole('combobox', { name: 'Order' }).click();
    await page.getByRole('option', { name: 'Oldest first' }).click();
    await shows('bounce', 'delivered', 'open', 'click');
    await page.getByRole('combobox', { name: 'Event types' }).click();
    await page.getByRole('option', { name: 'Bounced' }).click();
    await page.getByRole('option', { name: 'Opened' }).click();
    await page.keyboard.press('Escape');
    await shows('bounce', 'open');
    await page.getByRole('combobox', { name: 'Time received' }).click();
    await page.getByRole('option', { name: 'Last hour' }).click();
    await page.getByLabel('From', { exact: true }).waitFor();
    await shows('bounce', 'open');
    const { searchParams } = new URL(page.url());
    expect([searchParams.get('kind'), searchParams.get('order')]).toEqual(['bounced,opened', 'asc']);
    for (const scheme of ['light', 'dark'] as const) expect(await violationsOn(page, scheme)).toEqual([]);
    await page.getByLabel('To', { exact: true }).fill('2020-01-01T00:00');
    await page.getByText('No matching events', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await shows('click', 'open', 'delivered', 'bounce');
  });

  it('are filtered by the address of the recipient, and by its domain', async () => {
    const hook = await SendgridWebhook.create(console.service);
    const addresses = ['ada@one.example', 'bob@one.example', 'ada@two.example'];
    for (const email of addresses) await hook.post([vendorEvent('delivered', { email })]);
    const links = page.getByRole('table', { name: 'Events' }).getByRole('link');
    const shows = async (...expected: string[]) => {
      for (let tries = 0; tries < 100 && (await links.count()) !== expected.length; tries++)
        await page.waitForTimeout(50);
      expect(await links.allTextContents()).toEqual(expected);
    };
    const recipient = page.getByRole('searchbox', { name: 'Recipient', exact: true });
    const domain = page.getByRole('searchbox', { name: 'Recipient domain' });
    await shared.watched.open(`/connections/${hook.id}/events`);
    await recipient.fill('ada@two.example');
    await shows('ada@two.example');
    await recipient.fill('');
    await domain.fill('@one.example');
    await shows('bob@one.example', 'ada@one.example');
    expect(await domain.inputValue()).toBe('one.example');
    const { searchParams } = new URL(page.url());
    expect([searchParams.get('recipient'), searchParams.get('domain')]).toEqual([null, 'one.example']);
    await domain.fill('nothing-like-this');
    await domain.press('Enter');
    await page.getByText('No matching events', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await shows('ada@two.example', 'bob@one.example', 'ada@one.example');
    expect(await domain.inputValue()).toBe('');
  });

  it('offers to search further if a page has no events but a next one follows', async () => {
    const hook = await SendgridWebhook.create(console.service);
    await hook.post([vendorEvent('delivered')]);
    let requests = 0;
    const path = /\/events\?.*from=/;
    await page.route(path, async (route) => {
      const isFirst = !route.request().url().includes('cursor=');
      requests++;
      await (isFirst
        ? route.fulfill({ json: { data: [], nextCursor: Buffer.from('event:9007199254740991').toString('base64url') } })
        : route.continue());
    });
    await shared.watched.open(`/connections/${hook.id}/events?from=2026-01-01T00:00:00Z`);
    await page.getByRole('button', { name: 'Search further' }).click();
    await page.getByRole('link', { name: /^ada@recipient\.example/ }).waitFor();
    expect(requests).toBeGreaterThan(1);
    await page.unroute(path);
  });

  it('are summarized in six counts with rates', async () => {
    const id = await console.connect('sendgrid', 'With figures');
    await console.service.call('POST', `/api/v1/connections/${id}/webhook/registration`);
    for (const scenario of ['click', 'bounce', 'softbounce']) {
      const to = [{ email: `${scenario}@recipient.example` }];
      const body = { to, subject: 'Hello', html: '<a href="https://x.example">x</a>' };
      await console.service.call('POST', `/api/v1/connections/${id}/messages`, { body });
    }
    await console.sandboxes.settled();
    await counted(console.service.app);
    const { counts } = (await console.service.call('GET', `/api/v1/connections/${id}/stats?days=7`)).body;
    const { sent = 0, delivered = 0, bounced = 0, opened = 0, clicked = 0 } = counts;
    expect([sent, delivered > 0, bounced > 0]).toEqual([3, true, true]);

    await shared.watched.open(`/connections/${id}`);
    const tile = (label: string) => page.locator('dl > div').filter({ has: page.locator(`dt:text-is("${label}")`) });
    const expected: [string, string, string][] = [
      ['Delivered', percent(delivered / sent), `${String(delivered)} of ${String(sent)} sent`],
      ['Bounced', percent(bounced / sent), `${String(bounced)} of ${String(sent)} sent`],
      ['Opens', percent(opened / delivered), `${String(opened)} of ${String(delivered)} delivered`],
      ['Clicks', percent(clicked / delivered), `${String(clicked)} of ${String(delivered)} delivered`],
      ['Complaints', '0%', `0 of ${String(delivered)} delivered`],
    ];
    await tile('Sent').getByText('accepted').waitFor();
    for (const [label, rate, base] of expected) {
      await tile(label).getByText(base, { exact: true }).waitFor();
      expect(await tile(label).locator('dd').first().textContent()).toBe(rate);
    }
    expect(await page.locator('dl > div', { has: page.locator('dd + dd') }).count()).toBe(6);

    // The same counts over time, in a chart and in a table.
    await shared.watched.go(`/connections/${id}/statistics`);
    const chart = page.getByRole('img', { name: /^Events over 7 days: / });
    await chart.waitFor();
    expect(await chart.getAttribute('aria-label')).toContain(`Sent 3, Delivered ${String(delivered)}`);
    expect(await chart.locator('polyline').count()).toBe(5);
    await page.getByRole('group', { name: 'Kinds of events' }).getByText('Sent').click();
    await page.waitForURL(/kind=/);
    await page.getByRole('img', { name: /^Events over 7 days: Delivered/ }).waitFor();
    await page.getByRole('radiogroup', { name: 'Period' }).getByText('12 months').click();
    await page.getByRole('button', { name: 'Show as table' }).click();
    const table = page.getByRole('table', { name: 'Events over time' });
    expect(await table.getByRole('row').nth(1).getByRole('cell').nth(1).textContent()).toBe(String(delivered));
    const complaints = page.getByRole('table', { name: 'Rates' }).getByRole('row').filter({ hasText: 'Complaints' });
    expect(await complaints.getByText('Gmail').count()).toBe(2);

    // All connections of the organization together.
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Statistics' }).click();
    await page.getByRole('heading', { level: 1, name: 'Statistics' }).waitFor();
    const all = (await console.service.call('GET', '/api/v1/stats?days=7')).body.counts;
    expect(all.sent).toBeGreaterThanOrEqual(3);
    await page
      .getByRole('img', { name: `Events over 7 days: Sent ${String(all.sent)}, Delivered ${String(all.delivered)},` })
      .waitFor();
    expect(await complaints.getByText('Gmail').count()).toBe(2);
  });
});

function percent(rate: number): string {
  return `${String(Math.round(rate * 1000) / 10)}%`;
}

/** Test, edit, duplicate and delete, from a row of the list and from the header of a connection. */
describe('the menu of a connection', () => {
  let id: string;

  beforeAll(async () => {
    id = await console.connect('smtp', 'Office relay');
    await console.connect('sendgrid', 'Another one');
  });

  const row = (name: string): Locator =>
    page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  /** Two clicks: the menu and the action. */
  const choose = async (name: string, action: string): Promise<void> => {
    await row(name)
      .getByRole('button', { name: `Actions for ${name}` })
      .click();
    await page.getByRole('menuitem', { name: action }).click();
  };

  it('tests the connection of its row in two clicks, and gives the focus back', async () => {
    await shared.watched.open('/connections');
    await choose('Office relay', 'Test Connection');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('From email').waitFor();
    expect(await labelled(dialog, 'Connection').inputValue()).toBe('Office relay');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await page
      .locator('button:focus')
      .and(page.getByRole('button', { name: 'Actions for Office relay' }))
      .waitFor();
  });

  it('opens the settings of its row in two clicks', async () => {
    await shared.watched.open('/connections');
    await choose('Office relay', 'Edit');
    await page.getByRole('heading', { name: 'Office relay' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/connections/${id}/settings`);
  });

  it('asks to delete the connection of its row in two clicks', async () => {
    await shared.watched.open('/connections');
    await choose('Another one', 'Delete');
    await page
      .getByRole('dialog', { name: 'Delete Another one?' })
      .getByLabel(/to confirm/)
      .waitFor();
  });

  it('disables a connection once no campaign uses it, and enables it again', async () => {
    const paused = await console.connect('sendgrid', 'To be paused');
    const usage = `/api/v1/connections/${paused}/usages/campaign/42`;
    await console.service.call('PUT', usage, { body: { name: 'Spring sale', status: 'running' } });
    await shared.watched.open('/connections');
    await choose('To be paused', 'Disable');
    const dialog = page.getByRole('dialog', { name: 'Disable To be paused?' });
    await dialog.getByText('In use by 1 campaign, so it can’t be disabled.').first().waitFor();
    expect(await dialog.getByRole('button', { name: 'Disable', exact: true }).count()).toBe(0);
    await console.service.call('DELETE', usage);
    await dialog.getByRole('button', { name: 'Check again' }).click();
    await dialog.getByRole('button', { name: 'Disable', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await row('To be paused').getByText('Disabled', { exact: true }).waitFor();
    await page.getByRole('combobox', { name: 'State' }).click();
    await page.getByRole('option', { name: 'Disabled' }).click();
    await row('Office relay').waitFor({ state: 'hidden' });
    expect(new URL(page.url()).searchParams.get('enabled')).toBe('false');
    await row('To be paused').getByRole('link', { name: 'To be paused' }).click();
    const notice = page.getByRole('region', { name: 'Disabled' });
    await notice.getByText('Nothing can be sent through this connection.').waitFor();
    await notice.getByRole('button', { name: 'Enable' }).click();
    await notice.waitFor({ state: 'hidden' });
    expect((await console.service.call('GET', `/api/v1/connections/${paused}`)).body.enabled).toBe(true);
  });

  it('checks before a launch what prevents it, and leads to where to fix it', async () => {
    const unready = await console.connect('mailgun', 'Without a sender');
    const body = { fromEmail: null, mode: 'redirect', redirectTo: 'staging@sender.example' };
    await console.service.call('PATCH', `/api/v1/connections/${unready}`, { body });
    await shared.watched.open('/connections');
    await choose('Without a sender', 'Launch check');
    const dialog = page.getByRole('dialog', { name: 'Launch check' });
    await dialog.getByText('Not ready to launch', { exact: true }).waitFor();
    const problems = dialog.getByRole('list', { name: 'Problems' }).getByRole('listitem');
    expect(await problems.allTextContents()).toEqual([
      expect.stringMatching(/^Error.*has no default sender/),
      expect.stringMatching(/^Warning.*go to staging@sender\.example/),
    ]);
    for (const scheme of ['light', 'dark'] as const)
      expect(await violationsOn(page, scheme, '[role="dialog"]')).toEqual([]);
    await problems.first().getByRole('link', { name: 'Open settings' }).click();
    await page.getByRole('heading', { name: 'Without a sender' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/connections/${unready}/settings`);

    // Any connection of the organization, by keyboard.
    const user = new KeyboardUser(page);
    await shared.watched.go('/connections');
    await user.activate('Launch check');
    await dialog.getByLabel('From email').waitFor();
    await user.fill('From email', 'news');
    await user.press('Enter');
    await dialog.getByRole('alert').filter({ hasText: 'Enter a complete address' }).waitFor();
    await user.type(SENDER);
    await user.press('Enter');
    await dialog.getByText('Ready to launch', { exact: true }).waitFor();
    await page.getByRole('status').filter({ hasText: 'Ready to launch' }).waitFor();
    expect(await problems.count()).toBe(0);
  });

  it('duplicates a connection with everything but its secrets', async () => {
    const settings = { ...console.sandboxes.byVendor.get('smtp')?.settings };
    await console.service.call('PATCH', `/api/v1/connections/${id}`, { body: { fromName: 'Office' } });
    await shared.watched.open('/connections');
    await choose('Office relay', 'Duplicate');
    await page.getByRole('heading', { name: 'Add Generic SMTP' }).waitFor();
    const name = labelled(page, 'Name');
    expect(await name.inputValue()).toBe('Copy of Office relay');
    expect(await name.evaluate((input) => input === input.ownerDocument.activeElement)).toBe(true);
    expect(await page.getByLabel('From name').inputValue()).toBe('Office');
    expect(await labelled(page, 'Host').inputValue()).toBe(settings['host']);
    expect(await labelled(page, 'Port').inputValue()).toBe(String(settings['port']));
    expect(await labelled(page, 'Password').inputValue()).toBe('');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await labelled(page, 'Password').and(page.locator('[aria-invalid="true"]')).waitFor();
    await labelled(page, 'Password').fill(String(settings['password']));
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { name: 'Copy of Office relay' }).waitFor();
    const { body } = await console.service.call('GET', '/api/v1/connections?search=Copy%20of');
    expect(body.data).toMatchObject([{ name: 'Copy of Office relay', fromName: 'Office', version: 1 }]);
  });

  it('is in the header of a connection too, and works by keyboard', async () => {
    const user = new KeyboardUser(page);
    await shared.watched.open(`/connections/${id}/events`);
    await page.getByRole('heading', { name: 'Office relay' }).waitFor();
    await user.activate('Actions');
    await page.getByRole('menuitem', { name: 'Test Connection' }).waitFor();
    await user.press('ArrowDown');
    await page
      .locator('[role="menuitem"]:focus')
      .and(page.getByRole('menuitem', { name: 'Edit' }))
      .waitFor();
    await user.press('Enter');
    await page.getByRole('button', { name: 'Save changes' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/connections/${id}/settings`);
  });

  it('has no accessibility violations when it is open', async () => {
    await shared.watched.open('/connections');
    await row('Office relay').getByRole('button', { name: 'Actions for Office relay' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).waitFor();
    for (const scheme of ['light', 'dark'] as const) expect(await violationsOn(page, scheme)).toEqual([]);
  });

  it('is absent for read-only users', async () => {
    const reader = await shared.another(await console.service.tokenFor('default', 'read'));
    for (const path of ['/connections', `/connections/${id}`]) {
      await reader.page.goto(path);
      await reader.page.getByText('Office relay').first().waitFor();
      expect(await reader.page.getByRole('button', { name: /^Actions/ }).count()).toBe(0);
    }
  });
});
