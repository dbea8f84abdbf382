import { IconCircleCheck, IconDeviceDesktop, IconDeviceMobile } from "@tabler/icons-react";
import { ActButton } from "@/components/act-button";
import { PlainTable } from "@/components/plain-table";
import { Badge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { ListedSession } from "@/lib/auth/queries";
import type { ActionResult } from "@/lib/errors";
import css from "./people.module.css";

const columns = [
  { key: "device", label: "Device" },
  { key: "way", label: "Signed in by" },
  { key: "ip", label: "Address" },
  { key: "started", label: "Began" },
  { key: "seen", label: "Last used" },
  { key: "ends", label: "Ends" },
  { key: "acts", label: "Actions", quiet: true, end: true },
] as const;

type Props = {
  sessions: readonly ListedSession[];
  /** Ends one; absent where the reader may not. */
  end?: (input: { id: string }) => Promise<ActionResult<unknown>>;
};

/** Sessions that stand: on what, how, from where, since when. */
export function SessionTable({ sessions, end }: Props) {
  return (
    <PlainTable
      label="Sessions"
      columns={columns}
      rows={sessions.map((session) => ({
        key: session.id,
        cells: {
          device: <Device session={session} />,
          way: session.way,
          ip: <span className="mono">{session.ip ?? "not known"}</span>,
          started: <Time at={session.startedAt} />,
          seen: <Time at={session.lastSeenAt} />,
          ends: <Time at={session.expiresAt} as="clock" />,
          acts: end && !session.isCurrent ? <End session={session} end={end} /> : null,
        },
      }))}
    />
  );
}

function Device({ session }: { session: ListedSession }) {
  const Icon = /Android|iPhone|iPad/.test(session.device) ? IconDeviceMobile : IconDeviceDesktop;
  return (
    <span className={css.inline}>
      <Icon size={18} stroke={1.7} aria-hidden />
      <span className={css.strong}>{session.device}</span>
      {session.isCurrent ? (
        <Badge tone="blue" icon={IconCircleCheck}>
          This one
        </Badge>
      ) : null}
    </span>
  );
}

function End({ session, end }: { session: ListedSession; end: NonNullable<Props["end"]> }) {
  return (
    <ActButton
      act={end}
      input={{ id: session.id }}
      destructive
      name={`End the session of ${session.device}, ${session.ip ?? "address not known"}`}
    >
      End
    </ActButton>
  );
}
