using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SoftIov.Daemon.Configuration;

/// <summary>
/// Reads the YAML that configuration needs: one document of mappings, sequences and scalars. Duplicate keys, anchors, aliases and tags are
/// errors with their place.
/// </summary>
internal sealed class ConfigNodeReader
{
    private const int DepthLimit = 16;

    private readonly Parser _parser;
    private readonly ConfigErrors _errors;

    private ConfigNodeReader(string text, ConfigErrors errors)
    {
        _parser = new Parser(new StringReader(text));
        _errors = errors;
    }

    /// <summary>The root of the document; null when the text is empty or no YAML.</summary>
    public static ConfigNode? Read(string text, ConfigErrors errors)
    {
        var reader = new ConfigNodeReader(text, errors);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException error)
        {
            string message = error.InnerException?.Message ?? error.Message;
            errors.AddAt((int)error.Start.Line, (int)error.Start.Column, $"not YAML: {message}", "check indentation, colons and quotes");
            return null;
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or FormatException or IndexOutOfRangeException)
        {
            // The scanner throws what comes to it on some text that is no YAML, for example a flow mapping that ends in a colon.
            Mark place = reader._parser.Current?.End ?? Mark.Empty;
            errors.AddAt((int)place.Line, (int)place.Column, "not YAML beyond this", "check brackets, colons and quotes");
            return null;
        }
    }

    private ConfigNode? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            return null;
        }

        ConfigNode root = ReadNode(0);
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second))
        {
            _errors.AddAt((int)second.Start.Line, (int)second.Start.Column, "a second document", "keep one document per file");
        }

        return root;
    }

    private ConfigNode ReadNode(int depth)
    {
        ParsingEvent current = _parser.Consume<ParsingEvent>();
        int line = (int)current.Start.Line;
        int column = (int)current.Start.Column;
        if (depth > DepthLimit)
        {
            throw new YamlException(current.Start, current.End, $"nested deeper than {DepthLimit}");
        }

        if (current is NodeEvent node && (!node.Anchor.IsEmpty || !node.Tag.IsEmpty))
        {
            _errors.AddAt(line, column, "anchors and tags are not used here", "write the value itself");
        }

        return current switch
        {
            Scalar scalar => new ConfigScalar(line, column, scalar.Value),
            SequenceStart => ReadSequence(line, column, depth),
            MappingStart => ReadMapping(line, column, depth),
            AnchorAlias => throw new YamlException(current.Start, current.End, "aliases are not used here"),
            _ => throw new YamlException(current.Start, current.End, "a value is missing"),
        };
    }

    private ConfigSequence ReadSequence(int line, int column, int depth)
    {
        var items = new List<ConfigNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(ReadNode(depth + 1));
        }

        return new ConfigSequence(line, column, items);
    }

    private ConfigMapping ReadMapping(int line, int column, int depth)
    {
        var entries = new List<(ConfigScalar Key, ConfigNode Value)>();
        var firsts = new Dictionary<string, ConfigScalar>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            ConfigNode key = ReadNode(depth + 1);
            ConfigNode value = ReadNode(depth + 1);
            if (key is not ConfigScalar name)
            {
                _errors.AddAt(key.Line, key.Column, "a key must be one word or number", "write 'key: value'");
            }
            else if (firsts.TryGetValue(name.Text, out ConfigScalar? first))
            {
                string message = $"'{name.Text}' stands here twice, first in line {first.Line}";
                _errors.AddAt(name.Line, name.Column, message, "keep one of the two");
            }
            else
            {
                firsts.Add(name.Text, name);
                entries.Add((name, value));
            }
        }

        return new ConfigMapping(line, column, entries);
    }
}
