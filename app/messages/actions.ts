"use server";

import { action } from "@/app/action";
import { chooseMessages } from "@/lib/messages/choose-messages";
import { createChannel } from "@/lib/messages/create-channel";
import { editChannel, removeChannel } from "@/lib/messages/edit-channel";
import { giveUpDelivery, retryDelivery } from "@/lib/messages/retry-delivery";
import { rotateSigningSecret } from "@/lib/messages/rotate-signing-secret";
import {
  channelRef,
  choosePreferenceInput,
  createChannelInput,
  deliveryRef,
  editChannelInput,
  sendTestInput,
} from "@/lib/messages/schema";
import { sendTest } from "@/lib/messages/send-test";

export const create = action(createChannelInput, createChannel);
export const edit = action(editChannelInput, editChannel);
export const remove = action(channelRef, removeChannel);
export const rotate = action(channelRef, rotateSigningSecret);
export const test = action(sendTestInput, sendTest);
export const retry = action(deliveryRef, retryDelivery);
export const giveUp = action(deliveryRef, giveUpDelivery);
export const choose = action(choosePreferenceInput, chooseMessages);
