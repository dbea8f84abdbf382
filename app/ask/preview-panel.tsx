import { IconAlertTriangle, IconBan, IconBolt, IconCircleCheck, IconHandStop, IconScale } from "@tabler/icons-react";
import type { ReactNode } from "react";
import css from "@/components/access/access.module.css";
import { accessWords } from "@/components/access/duration-words";
import { Count } from "@/components/count";
import { Isolated } from "@/components/isolated";
import { Initials } from "@/components/owner";
import { Panel } from "@/components/panel";
import { TextButton } from "@/components/text-button";
import { Time } from "@/components/time";
import { durationWords } from "@/lib/grants/labels";
import type { ItemPreview, RequestPreview } from "@/lib/requests/preview-queries";
import type { Asking } from "./use-ask";

type Props = { asking: Asking; preview: RequestPreview | null; change: (part: Partial<Asking>) => void };

/** What would become of the request: allowed or not and by which policy, who decides, how long, and would less do. */
export function PreviewPanel({ asking, preview, change }: Props) {
  return (
    <div className={css.stack} aria-live="polite">
      <Panel title="Before you submit" flush>
        {preview === null ? (
          <p className={`${css.note} dimmed`}>
            {asking.basket.length === 0
              ? "Choose what you need: here stands whether it would be allowed, who decides, and whether less would do."
              : "Asking the policies…"}
          </p>
        ) : (
          <Verdict asking={asking} preview={preview} change={change} />
        )}
      </Panel>
      <BreakGlass asking={asking} preview={preview} change={change} />
    </div>
  );
}

function Verdict({ asking, preview, change }: Props & { preview: RequestPreview }) {
  // That the reason is still to be written is no obstacle worth a red word.
  const { steps, obstacles, typicalSeconds, maxSeconds: longest } = preview;
  return (
    <>
      <p className={css.note}>
        <strong>{headline(preview, asking)}</strong>
        {typicalSeconds && obstacles.length === 0 && steps.length > 0
          ? ` Usually decided within ${durationWords(typicalSeconds.median)}.`
          : ""}
      </p>
      <ol className={css.rows}>
        {steps.map((step, n) => (
          <li key={step.name} className={css.row}>
            <span className="dimmed">{n + 1}</span>
            <Initials name={step.people[0]?.name ?? "?"} size={22} />
            <span className={css.grow}>
              <Isolated value={step.people[0]?.name ?? "nobody"} />{" "}
              <span className="dimmed">
                {step.people[0]?.because}
                {step.peopleCount > 1 ? `, or ${step.peopleCount - 1} more` : ""}
              </span>
            </span>
            {step.needed > 1 ? <span className="dimmed">{step.needed} of them</span> : null}
          </li>
        ))}
        {obstacles.map((it) => (
          <Line key={`${it.field} ${it.message}`} icon={IconBan} tone="bad" title={it.message}>
            {it.remedy}{" "}
            {it.field === "duration" && longest !== null ? (
              <TextButton onClick={() => change({ seconds: longest })}>Ask for {durationWords(longest)}</TextButton>
            ) : null}
          </Line>
        ))}
        {preview.items.map((item) => (
          <ItemLines key={`${item.connection} ${item.permission} ${item.resource}`} item={item} change={change} />
        ))}
        {obstacles.length === 0 && preview.items.every(({ conflicts }) => conflicts.length === 0) ? (
          <Line icon={IconCircleCheck} tone="ok" title="No conflict of duties">
            Counted over what is held, granted and asked for.
          </Line>
        ) : null}
        {preview.needsPasskeyToBegin ? (
          <Line icon={IconHandStop} tone="dim" title="You confirm with a passkey when it begins" />
        ) : null}
        {preview.needsPasskey ? <Line icon={IconHandStop} tone="dim" title="Approvers confirm with a passkey" /> : null}
        <Line icon={IconScale} tone="dim" title={`Decided by the policies, version ${preview.policyVersion}`}>
          {preview.policies.map(({ id, because }) => because ?? id).join(" ")}
        </Line>
      </ol>
    </>
  );
}

function headline({ allowed, obstacles, steps }: RequestPreview, { breakGlass }: Asking): string {
  if (!allowed) return obstacles.length === 1 ? "This cannot be asked for like that." : "This cannot be asked for.";
  if (breakGlass) return "You would have it at once.";
  if (steps.length === 0) return "This is given at once.";
  const people = steps.reduce((sum, { needed }) => sum + needed, 0);
  return `This can be approved. ${people === 1 ? "One person" : `${people} people`} must say yes.`;
}

function ItemLines({ item, change }: { item: ItemPreview; change: Props["change"] }) {
  const { opens, smaller } = item;
  const smallest = smaller[0];
  return (
    <>
      {item.conflicts.length > 0 ? (
        <Line icon={IconHandStop} tone="bad" title="A conflict of duties">
          {item.conflicts.join(", ")}
        </Line>
      ) : null}
      {item.alreadyHeld ? (
        <Line icon={IconCircleCheck} tone="ok" title={`${accessWords(item)} is held already`}>
          Not by a grant that ends: asking gives nothing.
        </Line>
      ) : null}
      {smallest && !item.alreadyHeld ? (
        <Line icon={IconBolt} tone="accent" title="A smaller one may do">
          <Isolated mono value={accessWords(smallest)} /> opens{" "}
          {smallest.opens === 1 ? "one thing" : `${smallest.opens} things`} of it.{" "}
          <TextButton
            onClick={() =>
              change({
                basket: [
                  {
                    key: `smaller:${smallest.resourceId} ${smallest.permission}`,
                    permission: smallest.permission,
                    privilege: smallest.privilege,
                    connection: { name: item.connection, environment: item.environment },
                    resource: { type: smallest.resourceType, id: smallest.resourceId, name: smallest.resource },
                  },
                ],
              })
            }
          >
            Ask for it instead
          </TextButton>
        </Line>
      ) : null}
      <Opened opens={opens} />
      {item.byHand ? (
        <Line icon={IconHandStop} tone="dim" title={`Given by hand in ${item.connection}`}>
          A person does it and says so with evidence.
        </Line>
      ) : null}
    </>
  );
}

function Opened({ opens: { count, capped, forATime, heldUntil, examples } }: Pick<ItemPreview, "opens">) {
  if (count === 0)
    return (
      <Line icon={IconCircleCheck} tone="ok" title="Nothing new would be reached">
        All that it opens is reached already, by what has no end.
      </Line>
    );
  const until = heldUntil ? <Time at={heldUntil} as="full" /> : null;
  return (
    <Line icon={IconAlertTriangle} tone="warn" title="What would newly be reached">
      {examples.slice(0, 3).map((it) => (
        <span key={`${it.permission} ${it.resource}`}>
          <Isolated value={`${it.permission} on ${it.resource}`} />;{" "}
        </span>
      ))}
      <Count value={count} capped={capped} /> in all
      {until === null ? (
        "."
      ) : (
        <>
          , {forATime >= count ? "all" : forATime} held already, but only until {until}.
        </>
      )}
    </Line>
  );
}

type LineProps = { icon: typeof IconBan; tone: string; title: string; children?: ReactNode };

function Line({ icon: Icon, tone, title, children }: LineProps) {
  return (
    <li className={css.row}>
      <Icon size={18} stroke={1.7} aria-hidden className={css.icon} data-tone={tone} />
      <span className={css.grow}>
        <strong>{title}</strong>
        {children ? <span className="dimmed"> {children}</span> : null}
      </span>
    </li>
  );
}

function BreakGlass({ asking, preview, change }: Props) {
  const hours = preview ? Math.round(preview.breakGlass.withinSeconds / 3_600) : 72;
  const people = preview?.breakGlass.needed ?? 2;
  if (!asking.breakGlass)
    return (
      <p className="dimmed">
        Something is on fire?{" "}
        <TextButton onClick={() => change({ breakGlass: true, seconds: Math.min(asking.seconds, 3_600) })}>
          Break the glass…
        </TextButton>{" "}
        Access at once, every owner is told, and {people} people judge it within {hours} h.
      </p>
    );
  return (
    <section className={css.danger} aria-label="Break-glass">
      <p>
        <strong>You are about to break the glass.</strong>
      </p>
      <ul>
        <li>You get it at once, without approval.</li>
        <li>Every owner of what you take is told now, with your reason.</li>
        <li>
          {people} people judge it within {hours} h; until then you get no second.
        </li>
      </ul>
      <TextButton onClick={() => change({ breakGlass: false })}>Ask in the ordinary way</TextButton>
    </section>
  );
}
