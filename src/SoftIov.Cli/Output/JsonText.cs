using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SoftIov.Cli.Output;

/// <summary>Results as JSON, by generated serializers only.</summary>
internal static class JsonText
{
    /// <summary>Writes one value, indented for people who look at it too.</summary>
    public static void Write<T>(TextWriter output, T value, JsonTypeInfo<T> type) => Write(output, value, type, indented: true);

    /// <summary>Writes one value in one line, for streams of values.</summary>
    public static void WriteLine<T>(TextWriter output, T value, JsonTypeInfo<T> type) => Write(output, value, type, indented: false);

    private static void Write<T>(TextWriter output, T value, JsonTypeInfo<T> type, bool indented)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var writer = new Utf8JsonWriter(bytes, options))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        output.Write(Encoding.UTF8.GetString(bytes.WrittenSpan));
        output.Write('\n');
    }
}
