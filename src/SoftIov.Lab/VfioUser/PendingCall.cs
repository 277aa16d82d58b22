using SoftIov.Linux;

namespace SoftIov.Lab.VfioUser;

/// <summary>A call that waits for its reply; reused.</summary>
internal sealed class PendingCall
{
    private byte[] _payload = new byte[512];
    private int _length;
    private bool _isDone;

    public FileDescriptor? File { get; private set; }

    public ushort Id { get; set; }

    public uint Flags { get; private set; }

    public Errno Error { get; private set; }

    public bool IsDone
    {
        get => Volatile.Read(ref _isDone);
        private set => Volatile.Write(ref _isDone, value);
    }

    public ReadOnlySpan<byte> Payload => _payload.AsSpan(0, _length);

    public void Start(ushort id)
    {
        Id = id;
        IsDone = false;
    }

    public void Complete(uint flags, Errno error, ReadOnlySpan<byte> payload, FileDescriptor? file)
    {
        if (_payload.Length < payload.Length)
            _payload = new byte[payload.Length];
        payload.CopyTo(_payload);
        _length = payload.Length;
        Flags = flags;
        Error = error;
        File = file;
        IsDone = true;
    }
}
