/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire;

import com.alibaba.fastjson2.JSONException;
import com.alibaba.fastjson2.JSONFactory;
import com.alibaba.fastjson2.JSONObject;
import com.alibaba.fastjson2.JSONReader;
import java.nio.charset.StandardCharsets;

/** How JSON from the network is read: no types named by the sender, bounded depth, errors as exceptions. */
public final class JsonSafety {
    private static final int MAX_DEPTH = 64;

    private JsonSafety() {}

    /** A fresh reading context. {@code @type} is an ordinary name in it. */
    static JSONReader.Context readContext() {
        JSONReader.Context context = JSONFactory.createReadContext(JSONReader.Feature.AllowUnQuotedFieldNames);
        context.setMaxLevel(MAX_DEPTH);
        return context;
    }

    /**
     * Reads a body as one JSON object.
     *
     * @throws BadRequestException when it is none
     */
    public static JSONObject object(byte[] body) {
        try (JSONReader reader = JSONReader.of(body, 0, body.length, StandardCharsets.UTF_8, readContext())) {
            if (!reader.isObject()) {
                throw BadRequestException.field("the body is no JSON object");
            }
            JSONObject object = new JSONObject();
            reader.readObject(object);
            return object;
        } catch (JSONException | NumberFormatException | IndexOutOfBoundsException | ClassCastException e) {
            throw BadRequestException.field("the body is no JSON object: " + firstLine(e));
        }
    }

    private static String firstLine(RuntimeException e) {
        String message = String.valueOf(e.getMessage());
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }
}
