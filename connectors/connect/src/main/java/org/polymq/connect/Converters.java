/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.io.Closeable;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.ConverterConfig;
import org.apache.kafka.connect.storage.ConverterType;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The converters of one task. Used by the task's thread. */
record Converters(Converter key, Converter value, HeaderConverter header) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Converters.class);

    /** @throws org.apache.kafka.common.config.ConfigException naming the key that is wrong */
    static Converters of(CommonConfig config, Plugins plugins, ClassLoader near) throws Exception {
        Converter key = plugins.make(
                CommonConfig.KEY_CONVERTER, config.text(CommonConfig.KEY_CONVERTER), Converter.class, near);
        Converter value = plugins.make(
                CommonConfig.VALUE_CONVERTER, config.text(CommonConfig.VALUE_CONVERTER), Converter.class, near);
        HeaderConverter header = plugins.make(
                CommonConfig.HEADER_CONVERTER, config.text(CommonConfig.HEADER_CONVERTER), HeaderConverter.class, near);
        Foreign.run(
                key.getClass().getClassLoader(),
                () -> key.configure(config.originalsWithPrefix(CommonConfig.KEY_CONVERTER + "."), true));
        Foreign.run(
                value.getClass().getClassLoader(),
                () -> value.configure(config.originalsWithPrefix(CommonConfig.VALUE_CONVERTER + "."), false));
        Map<String, Object> ofHeader = new HashMap<>(config.originalsWithPrefix(CommonConfig.HEADER_CONVERTER + "."));
        ofHeader.put(ConverterConfig.TYPE_CONFIG, ConverterType.HEADER.getName());
        Foreign.run(header.getClass().getClassLoader(), () -> header.configure(ofHeader));
        return new Converters(key, value, header);
    }

    @Override
    public void close() {
        close(key);
        close(value);
        close(header);
    }

    private static void close(Closeable part) {
        try {
            part.close();
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} did not close well", part.getClass().getName(), e);
        }
    }
}
