using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SoftIov.Api;
using SoftIov.Daemon.Hosting;
using SoftIov.Devices.Nvme;

namespace SoftIov.Daemon.Composition;

/// <summary>
/// What a subsystem wants kept: for a file or block device in the state directory, by the path of the backing, so that an adapter of another
/// name finds its namespaces again; for memory nowhere, since the bytes are gone with the daemon too.
/// </summary>
internal sealed class NamespaceRecords : INamespaceRecords
{
    private const string DirectoryName = "namespaces";

    // The records are other people's types: what one of them gets later has its own default when an older file does not have it.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly string? _path;
    private readonly string _backing;
    private SubsystemRecord _last = SubsystemRecord.Empty;

    /// <summary>Records of what is in <paramref name="backing"/>.</summary>
    public NamespaceRecords(BackingSpec backing, string stateDirectory)
    {
        _backing = backing.Path is { } path ? Path.GetFullPath(path) : "";
        if (!backing.IsLasting)
            return;
        string directory = Path.Combine(stateDirectory, DirectoryName);
        DurableFile.MakeDirectory(directory);
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(_backing));
        _path = Path.Combine(directory, $"{Convert.ToHexStringLower(hash.AsSpan(0, 8))}.json");
    }

    /// <summary>Other records were saved: the former ones and those. Raised with locks of the subsystem held: handlers return at once.</summary>
    public event Action<SubsystemRecord, SubsystemRecord>? Changed;

    /// <inheritdoc/>
    public SubsystemRecord Load()
    {
        if (_path is null || !File.Exists(_path))
            return SubsystemRecord.Empty;
        try
        {
            using FileStream file = File.OpenRead(_path);
            SavedSubsystem saved = JsonSerializer.Deserialize<SavedSubsystem>(file, Json) ?? throw new JsonException("it is null");
            if (saved.Subsystem is null || saved.Subsystem.Namespaces.IsDefault)
                throw new JsonException("it has no namespaces");
            return _last = saved.Subsystem;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new InvalidDataException(
                $"{_path}, which says where the namespaces of {_backing} are, is damaged: {error.Message} (restore it: their data are lost without)");
        }
    }

    /// <inheritdoc/>
    public void Save(SubsystemRecord record)
    {
        try
        {
            if (_path is not null)
                DurableFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(new SavedSubsystem(_backing, record), Json));
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException(error.Message, error);
        }

        SubsystemRecord former = _last;
        _last = record;
        Changed?.Invoke(former, record);
    }
}
