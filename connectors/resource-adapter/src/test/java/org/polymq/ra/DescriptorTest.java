/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import static org.assertj.core.api.Assertions.assertThat;

import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** Servers set what {@code ra.xml} names: it has to name what the classes have, with the same types. */
class DescriptorTest {
    private static final Path RA_XML = Path.of("src/main/rar/META-INF/ra.xml");

    private static Document descriptor() throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(RA_XML.toFile());
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                PolyMQResourceAdapter.class,
                PolyMQManagedConnectionFactory.class,
                PolyMQQueueManagedConnectionFactory.class,
                PolyMQTopicManagedConnectionFactory.class,
                PolyMQActivationSpec.class,
                PolyMQQueue.class,
                PolyMQTopic.class
            })
    void namesTheSettingsOfEachClass(Class<?> bean) throws Exception {
        assertThat(named(bean)).isEqualTo(settable(bean));
    }

    /** The properties below the element that names the class. */
    private static Map<String, String> named(Class<?> bean) throws Exception {
        NodeList properties = descriptor().getElementsByTagName("config-property");
        Map<String, String> named = new TreeMap<>();
        for (int i = 0; i < properties.getLength(); i++) {
            Element property = (Element) properties.item(i);
            if (isOf(bean, property)) {
                named.put(text(property, "config-property-name"), text(property, "config-property-type"));
            }
        }
        return named;
    }

    private static boolean isOf(Class<?> bean, Element property) {
        for (Node each = property.getParentNode().getFirstChild(); each != null; each = each.getNextSibling()) {
            if (each.getNodeName().endsWith("-class") && each.getTextContent().equals(bean.getName())) {
                return true;
            }
        }
        return false;
    }

    private static String text(Element property, String name) {
        return property.getElementsByTagName(name).item(0).getTextContent();
    }

    private static Map<String, String> settable(Class<?> bean) throws Exception {
        Map<String, String> settable = new TreeMap<>();
        Arrays.stream(Introspector.getBeanInfo(bean).getPropertyDescriptors())
                .filter(each -> each.getWriteMethod() != null)
                .filter(each -> !each.getName().equals("resourceAdapter")
                        && !each.getName().equals("logWriter"))
                .forEach((PropertyDescriptor each) ->
                        settable.put(each.getName(), each.getPropertyType().getName()));
        return settable;
    }

    @Test
    void classesAreThere() throws Exception {
        NodeList all = descriptor().getElementsByTagName("*");
        for (int i = 0; i < all.getLength(); i++) {
            if (all.item(i).getNodeName().endsWith("-class")) {
                assertThat(Class.forName(all.item(i).getTextContent())).isNotNull();
            }
        }
    }

    /** Open Liberty writes the descriptions into an XML file of its own, as they are. */
    @Test
    void descriptionsNeedNoEscapes() throws Exception {
        NodeList all = descriptor().getElementsByTagName("description");
        for (int i = 0; i < all.getLength(); i++) {
            assertThat(all.item(i).getTextContent()).doesNotContainPattern("[&<>\"]");
        }
    }
}
