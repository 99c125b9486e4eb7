// Channels between the threads of a process.
export { type BytesEndsOptions, bytesEnds, type ChannelEndsOptions, channelEnds } from "./ends.ts";
export { ChannelBrokenError, ChannelCloneError, ChannelEndError } from "./errors.ts";
export { openBytesReceiver, openReceiver, type Receiver } from "./receiver.ts";
export { openBytesSender, openSender, type Sender, type SenderOptions } from "./sender.ts";
export type { BytesEnd, ChannelEnd } from "./wire.ts";
