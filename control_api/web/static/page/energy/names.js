// Machines by a link to their page; meters of the plant have none.
import { h } from "../kit/html.js";
import { link } from "../service/api.js";

/** @param {{device_id: string, is_meter: boolean}} one */
export const machineOrMeter = (one) => (one.is_meter ? h("span", {}, one.device_id)
  : h("a", { href: link(`/devices/${encodeURIComponent(one.device_id)}`) }, one.device_id));
