import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { startServer } from '../../identity-server/test/server-process.ts'
import { createWorld } from '../../identity-server/test/world.ts'
import { createMetrics as createProxyMetrics } from '../../proxy-client/src/metrics.ts'
import { exampleRoot, readExample } from './manifests.ts'
import { matchersIn, metricsIn } from './promql.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly description: string }
}

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string }[]
}

const { groups } = parse(readExample('monitoring/rules.yaml')) as { groups: readonly { rules: readonly Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)
const dashboard = JSON.parse(readExample('monitoring/dashboard.json')) as { panels: readonly Panel[]; uid: string }
const charts = dashboard.panels.filter(({ type }) => type !== 'row')

/** What Grafana puts in place of its variables. */
const filled = (expr: string): string => expr.replaceAll('$__rate_interval', '5m').replaceAll('$namespace', 'linkerd')
const exprs = [
  ...rules.map(({ alert, expr }) => ({ name: `alert ${alert}`, expr })),
  ...charts.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ name: `panel ${title}`, expr: filled(expr) })),
  ),
]

/** Of kube-state-metrics. */
const foreign = ['kube_deployment_status_replicas_ready']

/** Names as a scrape shows them; a histogram has three. */
function namesIn(exposition: string): readonly string[] {
  return [...exposition.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name],
  )
}

let exported = ''

beforeAll(async () => {
  await using world = await createWorld()
  await using server = await startServer(world, ['--tls-addr=127.0.0.1:0'])
  exported = (await server.get('/metrics')).body + (await createProxyMetrics().registry.metrics())
}, 60_000)

describe('rules and dashboard', () => {
  test.each(exprs)('$name reads only metrics that the programs export', ({ expr }) => {
    const metrics = metricsIn(expr)
    expect(metrics.length).toBeGreaterThan(0)
    expect(metrics.filter((name) => ![...namesIn(exported), ...foreign].includes(name))).toEqual([])
  })

  test('every outcome and code that a rule singles out is one that the server counts, from zero', () => {
    const matchers = rules.flatMap(({ expr }) => matchersIn(expr)).filter(({ metric }) => !foreign.includes(metric))
    expect(matchers.length).toBeGreaterThan(2)
    for (const { metric, label, value } of matchers) {
      expect(exported).toMatch(new RegExp(`^${metric}\\{[^}]*${label}="${value}"[^}]*\\} `, 'm'))
    }
  })

  test('each alert has a severity, a summary and what to do', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
    for (const { labels, annotations, alert } of rules) {
      expect(['info', 'warning', 'critical'], alert).toContain(labels.severity)
      expect(annotations.summary.length, alert).toBeGreaterThan(10)
      expect(annotations.description, alert).toMatch(/\.$/)
    }
  })

  test('prometheus-rule.yaml is the same for the Prometheus operator', async () => {
    const rule = {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'meshid-identity', namespace: 'linkerd' },
      spec: { groups },
    }
    const text = `# Generated from rules.yaml.\n${stringify(rule, { lineWidth: 0, singleQuote: true })}`
    await expect(text).toMatchFileSnapshot(`${exampleRoot}/monitoring/prometheus-rule.yaml`)
  })

  test('no two panels of the dashboard lie on one another, and each has its number', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
  })
})

const hasPromtool = spawnSync('promtool', ['--version']).status === 0
if (!hasPromtool) console.warn('no promtool on this machine: the syntax of rules is checked by names and brackets only')

describe.skipIf(!hasPromtool)('promtool', () => {
  const promtool = (...args: readonly string[]) =>
    spawnSync('promtool', args, { cwd: join(exampleRoot, 'monitoring'), encoding: 'utf8' })

  test('takes the rules', () => {
    expect(promtool('check', 'rules', 'rules.yaml')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('SUCCESS'),
    })
  })

  test('sees each alert fire when it should, and not before', () => {
    const { status, stdout, stderr } = promtool('test', 'rules', 'rules.test.yaml')
    expect({ status, out: stdout + stderr }).toEqual({ status: 0, out: expect.stringContaining('SUCCESS') })
  }, 60_000)

  test('takes every expression of the dashboard', () => {
    const folder = mkdtempSync(join(tmpdir(), 'meshid-dashboard-'))
    const recorded = exprs.map(({ expr }, at) => ({ record: `panel:${at}`, expr }))
    try {
      writeFileSync(join(folder, 'panels.yaml'), stringify({ groups: [{ name: 'panels', rules: recorded }] }))
      expect(promtool('check', 'rules', join(folder, 'panels.yaml'))).toMatchObject({ status: 0 })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the check can fail', () => {
  test.each([
    ['sum by (code) (rate(no_such_total{code="A by B"}[5m])) > 0', ['no_such_total']],
    ['a_total / ignoring (outcome) b_total or vector(0)', ['a_total', 'b_total']],
    ['histogram_quantile(0.99, sum by (le) (rate(c_bucket[10m]))) - time() < 2 * 86400', ['c_bucket']],
  ])('%s reads %j', (expr, metrics) => {
    expect(metricsIn(expr)).toEqual(metrics)
  })

  test.each(['sum(rate(a[5m])', 'a{b="c}', 'a)', '(a]'])('%s is malformed', (expr) => {
    expect(() => metricsIn(expr)).toThrow(/without an end|too many/)
  })
})
