import { Isolated } from "../isolated";
import { Name } from "../name";
import css from "./access.module.css";

type Props = { permission: string; resource: string; connection?: string | undefined };

/** What is asked for or held: a role or group by its name, all else by its permission; and where. */
export function What({ permission, resource, connection }: Props) {
  return (
    <span className={css.what}>
      {permission === "member" ? null : (
        <>
          <Name value={permission} mono strong /> on{" "}
        </>
      )}
      <Name value={resource} mono strong />
      {connection === undefined ? null : (
        <span className="dimmed">
          {" "}
          in <Isolated value={connection} />
        </span>
      )}
    </span>
  );
}
