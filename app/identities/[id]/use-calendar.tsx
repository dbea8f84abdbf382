import { numberWords } from "@/components/count";
import { Panel } from "@/components/panel";
import type { UsageCalendar } from "@/lib/inventory/identity-use-queries";
import css from "./identity.module.css";
import { calendarOf } from "./use-calendar-days";

const cell = 13;
const left = 30;
const top = 18;

/** A year of use, a square a day: the darker the more; hollow and dotted where nobody was watching. */
export function UseCalendar({ calendar }: { calendar: UsageCalendar }) {
  const { weeks, months, total, activeDays, busiest } = calendarOf(calendar);
  const words =
    activeDays === 0
      ? "No use was seen in this year."
      : `Used on ${numberWords(activeDays)} of the days, ${numberWords(total)} times; most on ${busiest?.day}, ${numberWords(busiest?.uses ?? 0)} times.`;
  return (
    <Panel title="A year of use" aside={`${calendar.from} to ${calendar.to}, days in UTC`}>
      <div className={css.wide}>
        <svg
          role="img"
          aria-label={words}
          className={css.calendar}
          width={left + weeks.length * cell + 2}
          height={top + 7 * cell}
          viewBox={`0 0 ${left + weeks.length * cell + 2} ${top + 7 * cell}`}
        >
          {months.map((month) => (
            <text key={month.week} x={left + month.week * cell} y={11}>
              {month.name}
            </text>
          ))}
          {["Mon", "Wed", "Fri"].map((name, index) => (
            <text key={name} x={0} y={top + index * 2 * cell + 10}>
              {name}
            </text>
          ))}
          {weeks.map((week, x) =>
            week.map((day) => (
              <rect
                key={day.day}
                x={left + x * cell}
                y={top + day.weekday * cell}
                width={cell - 2}
                height={cell - 2}
                rx={2}
                data-level={day.level}
                data-tip={`${day.day}: ${day.level === "unwatched" ? "not known, nobody was watching" : `${numberWords(day.uses)} uses`}`}
              />
            )),
          )}
        </svg>
      </div>
      <p className={css.calendarWords}>
        {words} {coverageWords(calendar)}
      </p>
    </Panel>
  );
}

function coverageWords({ coverage }: UsageCalendar): string {
  const watched = coverage
    .filter((one) => one.complete && one.since)
    .map((one) => `${one.connection} since ${one.since}`);
  const blind = coverage
    .filter((one) => !one.complete)
    .map((one) => `${one.connection} (${one.because || "it keeps no record of use"})`);
  return [
    watched.length > 0 ? `Watched: ${watched.join(", ")}.` : "",
    blind.length > 0 ? `Not known: ${blind.join(", ")}.` : "",
  ].join(" ");
}
