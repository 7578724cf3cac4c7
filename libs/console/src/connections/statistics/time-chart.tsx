import { useElementSize } from '@mantine/hooks';
import { type PointerEvent, useState } from 'react';
import classes from './statistics.module.css';

/** Values over time, one for each position. */
export interface Series {
  /** Sets the color: a kind of event. */
  readonly kind: string;
  readonly label: string;
  readonly values: readonly number[];
}

interface TimeChartProps {
  /** What is shown, for those who do not see it. */
  readonly label: string;
  readonly series: readonly Series[];
  /** The position in full, such as `Jan 5, 2026`. */
  readonly labels: readonly string[];
  /** The position on the axis, such as `Jan 5`. */
  readonly ticks: readonly string[];
}

const HEIGHT = 280;
const MARGIN = { top: 12, right: 12, bottom: 28, left: 52 } as const;
const LABEL_WIDTH = 84;
const TOOLTIP_WIDTH = 210;
const number = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact' });

/** Lines over time. A pointer shows the values of a position; the same values belong into a table for those who use none. */
export function TimeChart({ label, series, labels, ticks }: TimeChartProps) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [position, setPosition] = useState<number>();
  const count = labels.length;
  const inner = { width: Math.max(0, width - MARGIN.left - MARGIN.right), height: HEIGHT - MARGIN.top - MARGIN.bottom };
  const max = Math.max(0, ...series.flatMap(({ values }) => values));
  const values = valueTicks(max);
  const top = values.at(-1) ?? 1;
  const x = (index: number) => MARGIN.left + (count < 2 ? inner.width / 2 : (index * inner.width) / (count - 1));
  const y = (value: number) => MARGIN.top + inner.height * (1 - value / top);
  const shown = position !== undefined && position < count ? position : undefined;

  const point = ({ clientX, currentTarget }: PointerEvent<SVGSVGElement>) => {
    const offset = clientX - currentTarget.getBoundingClientRect().left - MARGIN.left;
    const index = Math.round((offset / inner.width) * (count - 1));
    setPosition(Math.min(count - 1, Math.max(0, index)));
  };

  return (
    <div ref={ref} className={classes.chart}>
      <svg
        role="img"
        aria-label={label}
        width={width}
        height={HEIGHT}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setPosition(undefined)}
      >
        {values.map((value) => (
          <g key={value}>
            <line
              className={classes.grid}
              x1={MARGIN.left}
              x2={MARGIN.left + inner.width}
              y1={y(value)}
              y2={y(value)}
            />
            <text className={classes.tick} x={MARGIN.left - 8} y={y(value)} dy="0.32em" textAnchor="end">
              {short.format(value)}
            </text>
          </g>
        ))}
        {labeledPositions(count, Math.max(2, Math.floor(inner.width / LABEL_WIDTH))).map((index) => (
          <text key={index} className={classes.tick} x={x(index)} y={HEIGHT - 8} textAnchor={anchorAt(index, count)}>
            {ticks[index]}
          </text>
        ))}
        {shown !== undefined && (
          <line className={classes.cursor} x1={x(shown)} x2={x(shown)} y1={MARGIN.top} y2={MARGIN.top + inner.height} />
        )}
        {width > 0 &&
          series.map(({ kind, values: own }) => (
            <polyline
              key={kind}
              className={classes.line}
              data-kind={kind}
              points={own.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}
            />
          ))}
        {shown !== undefined &&
          series.map(({ kind, values: own }) => (
            <circle key={kind} className={classes.point} data-kind={kind} cx={x(shown)} cy={y(own[shown] ?? 0)} r={4} />
          ))}
      </svg>
      {shown !== undefined && (
        <div
          className={classes.tooltip}
          style={{
            left: Math.max(
              0,
              Math.min(width - TOOLTIP_WIDTH, x(shown) + (x(shown) > width / 2 ? -TOOLTIP_WIDTH - 12 : 12)),
            ),
          }}
          aria-hidden
        >
          <div className={classes.when}>{labels[shown]}</div>
          {series.map(({ kind, label: name, values: own }) => (
            <div key={kind} className={classes.value}>
              <span className={classes.swatch} data-kind={kind} />
              <span>{name}</span>
              <span className={classes.amount}>{number.format(own[shown] ?? 0)}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

/** The first and the last label stay within the chart. */
function anchorAt(index: number, count: number): 'start' | 'middle' | 'end' {
  if (index === 0 && count > 1) return 'start';
  return index === count - 1 && count > 1 ? 'end' : 'middle';
}

const STEPS = [1, 2, 5, 10];

/** Round values from 0 to the maximum or a little more, at most six of them. Counts are whole numbers. */
function valueTicks(max: number): number[] {
  const rough = Math.max(1, max / 4);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.ceil(Math.max(1, max) / step) + 1 }, (_, index) => index * step);
}

/** The positions that get a label: the first and others at equal distances, at most `most`. */
function labeledPositions(count: number, most: number): number[] {
  const step = Math.max(1, Math.ceil(count / most));
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step);
}
