import "./globals.css";
import { ColorSchemeScript } from "@mantine/core";
import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import type { ReactNode } from "react";
import { Frame } from "@/components/frame";
import { Provider } from "@/components/provider";
import { isZone } from "@/components/time-words";
import type { Actor } from "@/lib/auth/actor";
import { currentActor } from "@/lib/auth/current-actor";
import { env } from "@/lib/env";
import { getFrameFacts } from "@/lib/inventory/frame-queries";
import { countDesk } from "@/lib/offboarding/waiting-queries";
import { nowMs } from "@/lib/time";
import { mono, monoMore, sans, sansMore } from "./fonts";
import { Foot } from "./foot";
import { navigationFor, phoneNavigationFor } from "./navigation";
import { signOut } from "./sign-in/actions";

export const metadata: Metadata = {
  title: { default: "Rollcall", template: "%s · Rollcall" },
  description: "Every identity that can touch our systems, what it can reach, and when it last did.",
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#FFFFFF" },
    { media: "(prefers-color-scheme: dark)", color: "#141615" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  const zone = (await cookies()).get("rollcall-zone")?.value;
  return (
    <html
      lang="en"
      className={[sans, sansMore, mono, monoMore].map((font) => font.variable).join(" ")}
      suppressHydrationWarning
    >
      <head>
        <ColorSchemeScript defaultColorScheme="auto" nonce={nonce} suppressHydrationWarning />
      </head>
      <body>
        <Provider nonce={nonce} zone={zone && isZone(zone) ? zone : "UTC"} serverNowMs={nowMs()}>
          <Framed>{children}</Framed>
        </Provider>
      </body>
    </html>
  );
}

/** Whoever is signed in sees each page in the frame; others see the page alone, which sends them to sign in. */
async function Framed({ children }: { children: ReactNode }) {
  const actor = await currentActor();
  if (!actor) return children;
  const [facts, waiting] = await Promise.all([getFrameFacts(actor), waitingFor(actor)]);
  return (
    <Frame
      organisation={env().ROLLCALL_ORGANISATION}
      person={{ name: actor.name, role: roleWord(actor.roles[0]) }}
      navigation={navigationFor(actor, waiting)}
      phone={phoneNavigationFor(actor, waiting)}
      foot={<Foot facts={facts} />}
      signOut={signOut}
    >
      {children}
    </Frame>
  );
}

/** How much is on the reader's desk, for the rail; nothing where nothing is. */
async function waitingFor(actor: Actor): Promise<string | undefined> {
  const { value, capped } = await countDesk(actor);
  if (value === 0) return undefined;
  return capped ? `${value}+` : String(value);
}

function roleWord(role: string = "member"): string {
  return role.charAt(0).toUpperCase() + role.slice(1);
}
