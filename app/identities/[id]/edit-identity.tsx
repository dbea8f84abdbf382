"use client";

import { Button } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { Editable } from "./edit-identity-drawer";

// The form is fetched when somebody wants to edit.
const EditIdentityDrawer = dynamic(() => import("./edit-identity-drawer").then((file) => file.EditIdentityDrawer), {
  ssr: false,
});

/** Opens the form in which an identity's owner, purpose, environment, criticality and kind are said. */
export function EditIdentity({ identity }: { identity: Editable }) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconPencil size={16} stroke={1.7} aria-hidden />}
        aria-haspopup="dialog"
        onClick={() => setOpened(true)}
      >
        Edit
      </Button>
      {opened ? <EditIdentityDrawer identity={identity} close={() => setOpened(false)} /> : null}
    </>
  );
}
