using SoftIov.Api;

namespace SoftIov.Daemon.Configuration;

/// <summary>
/// Collects everything that is wrong with a configuration, and where. A place is found by path (<c>adapters[0].vfs.3.vlan</c>): that of the
/// value itself or of the nearest thing around it that stands in the file.
/// </summary>
internal sealed class ConfigErrors(string? file)
{
    private const int Limit = 100;

    private readonly Dictionary<string, (int Line, int Column)> _places = [];
    private readonly List<ErrorDetail> _errors = [];

    /// <summary>Whether nothing was wrong.</summary>
    public bool IsEmpty => _errors.Count == 0;

    /// <summary>Remembers where <paramref name="path"/> stands.</summary>
    public void Mark(string path, ConfigNode node) => _places[path] = (node.Line, node.Column);

    /// <summary>Something at a path is wrong.</summary>
    public void Add(string path, string message, string? fix = null)
    {
        if (Place(path) is var (line, column))
        {
            AddAt(line, column, message, fix);
        }
        else
        {
            AddError(new ErrorDetail(message, file, null, null, fix));
        }
    }

    /// <summary>Something at a place is wrong.</summary>
    public void AddAt(int line, int column, string message, string? fix = null) =>
        AddError(new ErrorDetail(message, file, line, column, fix));

    /// <summary>The value of <paramref name="key"/> is wrong when it is not in a range.</summary>
    public void CheckRange(long value, long low, long high, string path, string key)
    {
        if (value < low || value > high)
        {
            Add(path, $"{key} {value} is out of range", $"{low} to {high}");
        }
    }

    /// <summary>The errors in the order of the file.</summary>
    public IReadOnlyList<ErrorDetail> InOrder() => [.. _errors.OrderBy(e => e.Line).ThenBy(e => e.Column)];

    /// <summary>One exception with all errors.</summary>
    public ControlException ToException()
    {
        IReadOnlyList<ErrorDetail> errors = InOrder();
        string message = errors.Count == 1 ? errors[0].Message : $"{errors.Count} errors in the configuration; nothing was changed";
        return new ControlException(ControlErrorCode.InvalidConfiguration, message, new ErrorData(errors));
    }

    private void AddError(ErrorDetail error)
    {
        if (_errors.Count < Limit)
        {
            _errors.Add(error);
        }
    }

    private (int Line, int Column)? Place(string path)
    {
        while (true)
        {
            if (_places.TryGetValue(path, out (int Line, int Column) place))
            {
                return place;
            }

            int end = path.LastIndexOfAny(['.', '[']);
            if (end <= 0)
            {
                return null;
            }

            path = path[..end];
        }
    }
}
