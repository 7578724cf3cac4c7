import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ServiceMetrics } from '../../dist/metrics/service-metrics.js';
import { Scraper } from '../../dist/metrics/scraper.js';

const FOLDER = 'docker/monitoring';
const alerts = readFileSync(`${FOLDER}/alerts.yml`, 'utf8');
const dashboard = JSON.parse(readFileSync(`${FOLDER}/grafana/score-connections.json`, 'utf8'));
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

/** The service's metrics with their labels, from the code. */
const metrics = new ServiceMetrics();
new Scraper(metrics);
const known = new Map(
  metrics.registry.getMetricsAsArray().flatMap(({ name, type, labelNames }) => {
    const names = type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
    return names.map((one) => [one, new Set([...labelNames, 'instance', 'le'])]);
  }),
);

/** Every use of a metric in a text, with the labels that it selects by. */
function usesIn(text) {
  return [...text.matchAll(/\b(score_[a-z_]+)(?:\{([^}]*)\})?/g)].map(([, name, labels = '']) => ({
    name,
    labels: [...labels.matchAll(/([a-z_]+)(?:=~|!~|!=|=)/g)].map(([, label]) => label),
  }));
}

describe('the alerts and the dashboard', () => {
  for (const [what, text] of [
    ['alerts', alerts],
    ['dashboard', expressions.join('\n')],
  ]) {
    it(`use only metrics and labels that the service has (${what})`, () => {
      const uses = usesIn(text);
      assert.ok(uses.length > 10);
      for (const { name, labels } of uses) {
        assert.ok(known.has(name), name);
        for (const label of labels) assert.ok(known.get(name).has(label), `${name}{${label}}`);
      }
    });
  }

  it('have balanced brackets in every expression, and a title for every panel', () => {
    for (const text of [alerts, ...expressions]) {
      const open = [];
      for (const bracket of text.replaceAll(/"[^"]*"|'[^']*'/g, '').match(/[()[\]{}]/g) ?? []) {
        if ('([{'.includes(bracket)) open.push(')]}'['([{'.indexOf(bracket)]);
        else assert.equal(bracket, open.pop(), text);
      }
      assert.deepEqual(open, [], text);
    }
    assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  });

  it('are the files that compose.yaml mounts, with an explanation of every alert', () => {
    const compose = readFileSync('docker/compose.yaml', 'utf8');
    for (const [, path] of compose.matchAll(/- \.\/(monitoring\/\S+?):/g)) readFileSync(`docker/${path}`);
    assert.match(readFileSync(`${FOLDER}/prometheus.yml`, 'utf8'), /^ {2}- alerts\.yml$/m);
    const operations = readFileSync('docs/operations.md', 'utf8');
    const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    assert.ok(names.length > 10);
    for (const name of names) assert.ok(operations.includes(`\`${name}\``), name);
  });
});
