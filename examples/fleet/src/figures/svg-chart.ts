/** A line of a chart; points in the order in which they are joined. */
export interface ChartSeries {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

/** One axis. Ticks are chosen by {@link axisTicks} unless they are given. */
export interface ChartAxis {
  readonly label: string
  /** Powers of ten at equal distances; every value must be above 0. */
  readonly scale?: 'linear' | 'log'
  readonly format?: (value: number) => string
}

/** What is drawn. */
export interface Chart {
  readonly title: string
  readonly x: ChartAxis
  readonly y: ChartAxis
  readonly series: readonly ChartSeries[]
  /** `bars` fills the area below each step of the series. Default `lines`. */
  readonly shape?: 'lines' | 'bars'
  /** The upper corner in which there is room for names. Default `left`. */
  readonly legend?: 'left' | 'right'
}

const WIDTH = 720
const HEIGHT = 360
const box = { left: 72, right: 40, top: 40, bottom: 56 } as const
/** Readable on white and on black, and told apart by those who see no red and green (Okabe and Ito). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const
const INK = '#767676'

interface Scale {
  readonly ticks: readonly number[]
  readonly at: (value: number) => number
}

/** Round values that enclose a range: 1, 2 or 5 times a power of ten apart, or the powers themselves. */
export function axisTicks(low: number, high: number, scale: 'linear' | 'log'): readonly number[] {
  if (scale === 'log') {
    const from = Math.floor(Math.log10(low))
    const to = Math.max(from + 1, Math.ceil(Math.log10(high)))
    return Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index))
  }
  const rough = (high - low || 1) / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5].find((times) => times * power >= rough) ?? 10) * power
  const from = Math.floor(low / step)
  const to = Math.max(from + 1, Math.ceil(high / step))
  return Array.from({ length: to - from + 1 }, (_, index) => Number(((from + index) * step).toPrecision(12)))
}

function createScale(
  values: readonly number[],
  { scale = 'linear' }: ChartAxis,
  [from, to]: readonly [number, number],
): Scale {
  const low = values.reduce((one, other) => Math.min(one, other), Infinity)
  const high = values.reduce((one, other) => Math.max(one, other), -Infinity)
  if (scale === 'log' && low <= 0) throw new RangeError(`expected values above 0 for a logarithmic axis, found ${low}`)
  const ticks = axisTicks(scale === 'log' ? low : Math.min(0, low), high, scale)
  const place = scale === 'log' ? Math.log10 : (value: number): number => value
  const [first, last] = [place(ticks[0] ?? 0), place(ticks.at(-1) ?? 1)]
  return { ticks, at: (value) => from + ((place(value) - first) / (last - first)) * (to - from) }
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const pixel = (value: number): string => String(Number(value.toFixed(1)))

function label(
  content: string,
  at: readonly [number, number],
  options: { anchor?: string; turn?: boolean; fill?: string } = {},
): string {
  const [x, y] = [pixel(at[0]), pixel(at[1])]
  const turn = options.turn === true ? ` transform="rotate(-90 ${x} ${y})"` : ''
  return `<text x="${x}" y="${y}" text-anchor="${options.anchor ?? 'middle'}" fill="${options.fill ?? INK}"${turn}>${escape(content)}</text>`
}

const line = ([x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number]): string =>
  `<path d="M${pixel(x1)} ${pixel(y1)}L${pixel(x2)} ${pixel(y2)}" stroke="${INK}" stroke-opacity="0.3"/>`

/** Draws a chart as an SVG document, a few kilobytes, with text that can be searched. */
export function svgChart(chart: Chart): string {
  const all = chart.series.flatMap(({ points }) => points)
  const x = createScale(
    all.map(([value]) => value),
    chart.x,
    [box.left, WIDTH - box.right],
  )
  const y = createScale(
    all.map(([, value]) => value),
    chart.y,
    [HEIGHT - box.bottom, box.top],
  )
  const draw = chart.shape === 'bars' ? bars : lines
  const parts = [
    label(chart.title, [WIDTH / 2, 20]),
    ...axes(chart, x, y),
    ...chart.series.map((series, index) => draw(series, { x, y, colour: colourOf(index) })),
    ...legend(chart),
  ]
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="none" role="img">`
  return `${[open, `<title>${escape(chart.title)}</title>`, ...parts, '</svg>'].join('\n')}\n`
}

function axes(chart: Chart, x: Scale, y: Scale): readonly string[] {
  const bottom = HEIGHT - box.bottom
  const say = ({ format = String }: ChartAxis, value: number): string => format(value)
  return [
    ...y.ticks.flatMap((tick) => [
      line([box.left, y.at(tick)], [WIDTH - box.right, y.at(tick)]),
      label(say(chart.y, tick), [box.left - 6, y.at(tick) + 4], { anchor: 'end' }),
    ]),
    ...x.ticks.flatMap((tick) => [
      line([x.at(tick), bottom], [x.at(tick), bottom + 5]),
      label(say(chart.x, tick), [x.at(tick), bottom + 18]),
    ]),
    label(chart.x.label, [(box.left + WIDTH - box.right) / 2, HEIGHT - 12]),
    label(chart.y.label, [16, (box.top + bottom) / 2], { turn: true }),
  ]
}

interface Pen {
  readonly x: Scale
  readonly y: Scale
  readonly colour: string
}

function lines({ points }: ChartSeries, { x, y, colour }: Pen): string {
  const path = points
    .map(([px, py], index) => `${index === 0 ? 'M' : 'L'}${pixel(x.at(px))} ${pixel(y.at(py))}`)
    .join('')
  return `<path d="${path}" stroke="${colour}" stroke-width="2" stroke-linejoin="round"/>`
}

/** Each point is the height from its own x to that of the next one. */
function bars({ points }: ChartSeries, { x, y, colour }: Pen): string {
  const [floor] = y.ticks
  const parts = points.slice(0, -1).map(([px, py], index) => {
    const next = points[index + 1]?.[0] ?? px
    const width = Math.max(0, x.at(next) - x.at(px) - 1)
    return `<path d="M${pixel(x.at(px))} ${pixel(y.at(floor ?? 0))}V${pixel(y.at(py))}h${pixel(width)}V${pixel(y.at(floor ?? 0))}z" fill="${colour}"/>`
  })
  return parts.join('\n')
}

function legend({ series, legend: corner = 'left' }: Chart): readonly string[] {
  if (series.length < 2) return []
  const x = corner === 'left' ? box.left + 12 : WIDTH - box.right - 12
  const anchor = corner === 'left' ? 'start' : 'end'
  return series.map(({ name }, index) => label(name, [x, box.top + 14 + 16 * index], { anchor, fill: colourOf(index) }))
}

const colourOf = (index: number): string => COLOURS[index % COLOURS.length] ?? INK
