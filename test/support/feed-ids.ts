/** The ids of all events in the feed, in its order. */
export async function feedIds(url: string, key: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let after = ''; ;) {
    const response = await fetch(`${url}/api/v1/events?limit=1000${after}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const page = (await response.json()) as { data: readonly { id: string }[]; next: string; isAtEnd: boolean };
    ids.push(...page.data.map(({ id }) => id));
    after = `&after=${page.next}`;
    if (page.isAtEnd) return ids;
  }
}

/** Of a consumer; undefined if it is not known. */
export async function lagOf(url: string, key: string, consumer: string): Promise<number | undefined> {
  const response = await fetch(`${url}/api/v1/consumers`, { headers: { authorization: `Bearer ${key}` } });
  const { data } = (await response.json()) as { data: readonly { name: string; lag: number }[] };
  return data.find(({ name }) => name === consumer)?.lag;
}
