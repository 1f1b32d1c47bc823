/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONObject;
import org.polymq.remoting.wire.JsonSafety;
import org.polymq.remoting.wire.JsonText;

/**
 * A user as RocketMQ's tools know it; what a request leaves out is empty.
 *
 * @param type {@code Super} or {@code Normal}
 * @param status {@code enable} or {@code disable}
 */
public record UserInfo(String username, String password, String type, String status) {
    /** The body of codes 3001 and 3002. */
    public static UserInfo of(byte[] body) {
        JSONObject json = JsonSafety.object(body);
        return new UserInfo(
                JsonFields.string(json, "username", ""),
                JsonFields.string(json, "password", ""),
                JsonFields.string(json, "userType", ""),
                JsonFields.string(json, "userStatus", ""));
    }

    /** Writes this as a value, without the password. */
    public void write(JsonText out) {
        out.open().name("userStatus").value(status);
        out.name("userType").value(type);
        out.name("username").value(username).close();
    }

    /** Says nothing of the password. */
    @Override
    public String toString() {
        return "UserInfo[" + username + ", " + type + ", " + status + "]";
    }
}
