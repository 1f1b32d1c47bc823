/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONObject;
import org.polymq.remoting.wire.JsonSafety;
import org.polymq.remoting.wire.JsonText;

/**
 * Which state of a broker's topic table is meant. Two that are equal name the same state.
 *
 * @param timestamp ms
 */
public record DataVersion(long stateVersion, long timestamp, long counter) {
    public static DataVersion of(byte[] json) {
        return of(JsonSafety.object(json));
    }

    static DataVersion of(JSONObject json) {
        return new DataVersion(
                JsonFields.number(json, "stateVersion", 0),
                JsonFields.number(json, "timestamp", 0),
                JsonFields.number(json, "counter", 0));
    }

    public byte[] encode() {
        return write(new JsonText()).bytes();
    }

    /** Writes this as a value. */
    public JsonText write(JsonText out) {
        out.open().name("counter").value(counter);
        out.name("stateVersion").value(stateVersion);
        return out.name("timestamp").value(timestamp).close();
    }
}
