"use client";

import { Button } from "@mantine/core";
import dynamic from "next/dynamic";
import { useState } from "react";

const OwnerModal = dynamic(() => import("../owner-modal").then((module) => module.OwnerModal), { ssr: false });

type Props = { resource: { id: string; owner: { id: string; name: string } | null } };

/** Says who answers for this resource. */
export function SetOwner({ resource: { id, owner } }: Props) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button variant="default" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        Set owner…
      </Button>
      {open ? <OwnerModal ids={[id]} owner={owner} onClose={close} onDone={close} /> : null}
    </>
  );
}
