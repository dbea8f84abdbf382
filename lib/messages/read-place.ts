import { env } from "../env";
import { AppError } from "../errors";
import { CallFailed, readTarget } from "../network/call-out";
import type { ChannelKind, ChannelSettings } from "./schema";

/**
 * Where a channel posts, from what was typed: the address to keep encrypted, and what of it may be shown. The host is
 * checked again at each call, since what it stands for may change.
 * @throws AppError `invalid`
 */
export function readPlace(
  kind: ChannelKind,
  typed: string,
  allowPrivateHost: boolean,
): { url: string; settings: ChannelSettings & { host: string } } {
  if (allowPrivateHost && !env().ROLLCALL_ALLOW_PRIVATE_TARGETS) {
    throw new AppError("invalid", "This installation calls public addresses only.", {
      field: "allowPrivateHost",
      remedy: "Whoever runs Rollcall decides that with ROLLCALL_ALLOW_PRIVATE_TARGETS.",
    });
  }
  const host = URL.canParse(typed) ? new URL(typed).hostname : "";
  const allowedHost = allowPrivateHost ? host : null;
  const url = targetOf(typed, allowedHost);
  // The address of a chat's webhook is its password: whoever has it can post.
  const path = kind === "webhook" ? url.pathname : "/…";
  return { url: url.href, settings: { shown: `${url.origin}${path}`, host, allowedHost } };
}

function targetOf(typed: string, allowedHost: string | null): URL {
  try {
    return readTarget(typed, allowedHost);
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    const message = error.message.charAt(0).toUpperCase() + error.message.slice(1);
    throw new AppError("invalid", `${message}.`, {
      field: "url",
      remedy:
        "Enter an https address on the internet. For a host of your own network, an administrator allows that host.",
      cause: error,
    });
  }
}
